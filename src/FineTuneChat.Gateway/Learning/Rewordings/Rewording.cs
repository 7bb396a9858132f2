namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>Another wording of an example's question.</summary>
internal sealed record Rewording
{
    /// <summary>What would be asked in place of the question.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the example is learned in this wording, too.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether these are the question's key words: a small base learns its answer in sentences around them, too. Says itself; cannot be set.</summary>
    public bool KeyWords { get; init; }
}
