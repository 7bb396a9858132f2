namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>An erasure that is not done.</summary>
internal sealed record OpenErasure
{
    public required ErasureCertificate Certificate { get; init; }

    /// <summary>Whose was erased.</summary>
    public required string Assistant { get; init; }

    /// <summary>By what its texts are recognised in files.</summary>
    public required IReadOnlyList<TextFingerprint> Fingerprints { get; init; }

    /// <summary>The last run that was started for it.</summary>
    public required string? Run { get; init; }

    /// <summary>Runs for it that did not come into service.</summary>
    public required int FailedRuns { get; init; }

    /// <summary>Runs that used it.</summary>
    public required IReadOnlySet<string> UsedBy { get; init; }

    /// <summary>Those of them that were trained on it.</summary>
    public required IReadOnlySet<string> LearnedBy { get; init; }

    public string Id => Certificate.Id;
}
