using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>The writing of rows from documents, and how far it is. Times in Unix seconds.</summary>
internal sealed record SynthesisJob
{
    public required string Id { get; init; } // "synthesis_…"
    public string Object => "synthesis";

    /// <summary>Who is to learn the rows.</summary>
    public required string Assistant { get; init; }
    public required string VectorStoreId { get; init; }

    /// <summary>The document; null: all of the collection.</summary>
    public required string? FileId { get; init; }

    /// <summary>What it is made of, in words: the document's name, or the collection's.</summary>
    public required string Name { get; init; }

    /// <summary>The model that writes: "NAME", or "NAME at ADDRESS", to which the passages are sent.</summary>
    public required string Writer { get; init; }

    /// <summary>Asked for of each passage.</summary>
    public required int Questions { get; init; }
    [AllowedValues(SynthesisStatus.Running, SynthesisStatus.Completed, SynthesisStatus.Cancelled, SynthesisStatus.Failed)]
    public required string Status { get; init; }

    /// <summary>Why it has failed.</summary>
    public required string? Error { get; init; }

    /// <summary>That are read, and that have been.</summary>
    public required int Passages { get; init; }
    public required int Done { get; init; }
    public required SyntheticCounts Rows { get; init; }
    public required long CreatedAt { get; init; }
    public required long? FinishedAt { get; init; }
}

/// <summary>What has become of the rows that were written.</summary>
/// <param name="Open">To be looked at.</param>
/// <param name="Accepted">To be imported.</param>
/// <param name="Dropped">By a check, or by somebody.</param>
/// <param name="Known">Of the dropped ones, those that the model answers by itself.</param>
/// <param name="Duplicates">Left out: another row, or an example, asks or says the same.</param>
/// <param name="Unusable">Left out: passages and rows of which nothing could be made.</param>
/// <param name="Imported">Examples that rows have become.</param>
internal sealed record SyntheticCounts(long Open, long Accepted, long Dropped, long Known, long Duplicates, long Unusable, long Imported);

internal static class SynthesisStatus
{
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
    public const string Failed = "failed";
}
