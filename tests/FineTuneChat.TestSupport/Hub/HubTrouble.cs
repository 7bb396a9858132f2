namespace FineTuneChat.TestSupport.Hub;

/// <summary>A request that came to a <see cref="HubServer"/>.</summary>
/// <param name="IsStorage">Whether to the host that stores files, not to the hub.</param>
/// <param name="Path">Path and query.</param>
/// <param name="From">First byte of the range that it asks for.</param>
/// <param name="To">Last byte.</param>
/// <param name="Authorization">As sent.</param>
public sealed record HubRequest(bool IsStorage, string Path, long? From, long? To, string? Authorization);

/// <summary>What goes wrong with an answer.</summary>
public sealed record HubTrouble
{
    /// <summary>Another status than success.</summary>
    public int Status { get; init; } = 200;

    /// <summary>With it, in seconds.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The connection is cut after so many bytes of the body.</summary>
    public int? CutAfter { get; init; }

    /// <summary>After so many bytes nothing more comes until the client leaves.</summary>
    public int? StallAfter { get; init; }

    /// <summary>Every byte is another one.</summary>
    public bool IsSpoiled { get; init; }

    /// <summary>Ranges are not known: all of the file comes.</summary>
    public bool IgnoresRanges { get; init; }
}
