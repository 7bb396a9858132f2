using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace FineTuneChat.Gateway.Documents.Stores;

/// <summary>A collection of documents, in OpenAI's shape. Times in Unix seconds.</summary>
internal sealed record VectorStore
{
    public required string Id { get; init; } // "vs_…"
    public string Object => "vector_store";
    public required long CreatedAt { get; init; }
    public required string Name { get; init; }

    /// <summary>Of the texts.</summary>
    public required long UsageBytes { get; init; }
    public required FileCounts FileCounts { get; init; }
    [AllowedValues("in_progress", "completed")] public string Status => FileCounts.InProgress > 0 ? "in_progress" : "completed";

    /// <summary>Always null: collections stay until they are deleted.</summary>
    public long? ExpiresAt => null;
    public required long LastActiveAt { get; init; }
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>Passages that have a vector, and all: until then they are found by their words alone.</summary>
    public required VectorCounts Vectors { get; init; }
}

internal sealed record FileCounts(long InProgress, long Completed, long Failed, long Cancelled, long Total);

internal sealed record VectorCounts(long Completed, long Total);

/// <summary>The body of <c>POST /v1/vector_stores</c> and <c>/{id}</c>; what is left out stays as it is.</summary>
internal sealed record VectorStoreRequest
{
    public string? Name { get; init; }
    public IReadOnlyList<string>? FileIds { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    // OpenAI's, without effect here: passages are made along a document's structure, and nothing expires.
    public string? Description { get; init; }
    public JsonElement? ExpiresAfter { get; init; }
    public JsonElement? ChunkingStrategy { get; init; }
}

/// <summary>A file in a collection, in OpenAI's shape.</summary>
internal sealed record VectorStoreFile
{
    /// <summary>The file's.</summary>
    public required string Id { get; init; }
    public string Object => "vector_store.file";
    public required string VectorStoreId { get; init; }
    public required string Filename { get; init; }
    public required long UsageBytes { get; init; }
    public required long CreatedAt { get; init; }
    [AllowedValues("in_progress", "completed", "failed")] public required string Status { get; init; }
    public required FileError? LastError { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> Attributes { get; init; }
}

/// <summary>Why a file could not be read.</summary>
internal sealed record FileError(string Code, string Message);

/// <summary>The body of <c>POST /v1/vector_stores/{id}/files</c> and <c>/{file_id}</c>.</summary>
internal sealed record VectorStoreFileRequest
{
    public string? FileId { get; init; }

    /// <summary>Texts, numbers and truth values by which a search can filter.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }
    public JsonElement? ChunkingStrategy { get; init; }
}

/// <summary>The text of a file, passage by passage.</summary>
internal sealed record FileContentPage(IReadOnlyList<TextContent> Data)
{
    public string Object => "vector_store.file_content.page";
    public bool HasMore => false;
    public string? NextPage => null;
}

internal sealed record TextContent(string Text)
{
    public string Type => "text";
}
