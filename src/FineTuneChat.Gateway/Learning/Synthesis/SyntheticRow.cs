using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>A question and its answer from a passage, until it is imported.</summary>
internal sealed record SyntheticRow
{
    public required long Id { get; init; }
    public string Object => "synthetic_row";
    public required string Question { get; init; }
    public required string Answer { get; init; }

    /// <summary>What the model that is to learn it says to the question without the passage; null: nothing.</summary>
    public required string? Reply { get; init; }

    /// <summary>Of <see cref="RowFlags"/>: why a check has dropped it.</summary>
    public required IReadOnlyList<string> Flags { get; init; }
    [AllowedValues(RowStatus.Open, RowStatus.Accepted, RowStatus.Dropped)] public required string Status { get; init; }
    public required RowPassage Passage { get; init; }
}

/// <summary>Where a row comes from.</summary>
/// <param name="Id">For <c>/api/passages/{number}</c>.</param>
/// <param name="FileId">Its document.</param>
/// <param name="Filename">The document's name.</param>
/// <param name="Heading">Above it; empty: none.</param>
/// <param name="Place">What it is counted in.</param>
/// <param name="First">Where it begins.</param>
/// <param name="Last">Where it ends.</param>
/// <param name="Text">What it says.</param>
internal sealed record RowPassage(
    long Id, string FileId, string Filename, string Heading, [property: AllowedValues("page", "slide", "row", "line", "none")] string Place,
    int First, int Last, string Text);

internal static class RowStatus
{
    /// <summary>To be looked at.</summary>
    public const string Open = "open";
    public const string Accepted = "accepted";
    public const string Dropped = "dropped";
}

/// <summary>What a check has found.</summary>
internal static class RowFlags
{
    /// <summary>The question does not find its passage.</summary>
    public const string NotFound = "not_found";

    /// <summary>The answer says what the passage does not.</summary>
    public const string NotInPassage = "not_in_passage";

    /// <summary>The model answers so by itself.</summary>
    public const string Known = "known";
}

/// <summary>A row as it was written.</summary>
internal sealed record WrittenRow(string Question, string Answer);

/// <summary>A row with what the checks have found.</summary>
internal sealed record CheckedRow(WrittenRow Row, string? Reply, IReadOnlyList<string> Flags)
{
    /// <summary>What a check has found something about is left out, unless somebody wants it.</summary>
    public string Status => Flags.Count == 0 ? RowStatus.Open : RowStatus.Dropped;
}
