namespace FineTuneChat.Datasets;

/// <summary>How much of a dataset file is read before it is refused; they guard memory against files that are no dataset.</summary>
public sealed record DatasetLimits
{
    /// <summary>Longest row in bytes. Default: 4 MiB.</summary>
    public int RowBytes { get; init; } = 4 << 20;

    /// <summary>Most messages of a conversation. Default: 1000.</summary>
    public int Messages { get; init; } = 1_000;

    /// <summary>Most rows of a file; further ones are an error of the first row too many. Default: one million.</summary>
    public int Rows { get; init; } = 1_000_000;
}
