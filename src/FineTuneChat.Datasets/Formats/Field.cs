namespace FineTuneChat.Datasets.Formats;

/// <summary>What a column or key holds.</summary>
internal enum Field
{
    System,
    Prompt,
    Input, // what the prompt is about, below it
    Reply,
    History, // earlier turns
    Messages,
    Chosen, // the better reply, of two
    Rejected,
    Label, // whether a reply is good
    Tools,
}
