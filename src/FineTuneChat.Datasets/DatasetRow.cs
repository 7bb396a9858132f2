namespace FineTuneChat.Datasets;

/// <summary>A row of a dataset file: a conversation, or why it is none.</summary>
/// <param name="Line">The line in the file, from 1.</param>
/// <param name="Conversation">Null when the row is bad.</param>
/// <param name="Error">What is wrong with it, without a full stop; null when it is good.</param>
public sealed record DatasetRow(int Line, Conversation? Conversation, string? Error);
