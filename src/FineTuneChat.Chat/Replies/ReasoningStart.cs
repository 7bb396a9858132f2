namespace FineTuneChat.Chat.Replies;

/// <summary>Whether a reply begins with reasoning.</summary>
public enum ReasoningStart
{
    /// <summary>It does not: the model knows none, or the prompt has closed it.</summary>
    None,

    /// <summary>The model may open it.</summary>
    Possible,

    /// <summary>The prompt has opened it: the reply begins inside.</summary>
    Open,
}
