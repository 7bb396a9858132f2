using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>A passage of a document that a reply was given. Its text is not here: that goes with the document.</summary>
internal sealed record DocumentSource
{
    /// <summary>Of the passage, for <c>/api/passages/{number}</c>.</summary>
    public required long Id { get; init; }
    public required string VectorStoreId { get; init; }
    public required string FileId { get; init; }
    public required string Filename { get; init; }

    /// <summary>The headings above it; empty where there is none.</summary>
    public required string Heading { get; init; }

    /// <summary>What <c>first</c> and <c>last</c> count.</summary>
    [AllowedValues("page", "slide", "row", "line", "none")] public required string Place { get; init; }
    public required int First { get; init; }
    public required int Last { get; init; }

    /// <summary>How relevant it is, from 0 to 1.</summary>
    public required double Score { get; init; }
}

/// <summary>A source where a reply cites it, in OpenAI's shape.</summary>
internal sealed record FileCitation
{
    public string Type => "file_citation";

    /// <summary>Its place in the list of sources, from 0; passages are numbered from 1.</summary>
    public required int Index { get; init; }
    public required string FileId { get; init; }
    public required string Filename { get; init; }

    /// <summary>Ours: the passage, with its page and heading.</summary>
    public required DocumentSource Source { get; init; }

    public static IReadOnlyList<FileCitation> Of(IReadOnlyList<DocumentSource> sources) =>
        [.. sources.Select((source, i) => new FileCitation { Index = i, FileId = source.FileId, Filename = source.Filename, Source = source })];
}
