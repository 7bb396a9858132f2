namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>What was taken back or erased since the version in service learned, as far as a candidate can be asked about it.</summary>
internal sealed record Removal
{
    /// <summary>
    /// The general questions beside the version in service, where the candidate was taught nothing that this one was not; null where it was taught more.
    /// </summary>
    public IReadOnlyList<ComparedRow>? General { get; init; }

    /// <summary>Erased replies that nothing teaches any more, asked of candidate and base.</summary>
    public IReadOnlyList<ErasedReply> Erased { get; init; } = [];

    /// <summary>Whether something was removed, and that is all.</summary>
    public bool IsAll => General is not null;
}

/// <summary>An erased reply, and how likely it still is.</summary>
/// <param name="Sha256">By which its certificate names it.</param>
/// <param name="Candidate">Measured and asked.</param>
/// <param name="Base">The same of the base, which never learned it.</param>
internal sealed record ErasedReply(string Sha256, MeasuredRow Candidate, MeasuredRow Base);
