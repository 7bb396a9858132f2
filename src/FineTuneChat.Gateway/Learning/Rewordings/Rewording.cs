namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>Another wording of an example's question.</summary>
internal sealed record Rewording
{
    /// <summary>What would be asked in place of the question.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the example is learned in this wording, too.</summary>
    public bool Enabled { get; init; } = true;
}
