using System.Numerics.Tensors;
using System.Text.Json;
using FineTuneChat.Gateway.Documents.Stores;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>A file of a collection that is searched.</summary>
internal sealed class Entry
{
    public required long Id { get; init; }
    public required string StoreId { get; init; }
    public required string FileId { get; init; }
    public required string Attributes { get; init; } // JSON

    public IReadOnlyDictionary<string, JsonElement> ReadAttributes() =>
        JsonSerializer.Deserialize(Attributes, DocumentsJson.Wire.DictionaryStringJsonElement)!;
}

/// <summary>A passage as the database has it.</summary>
internal sealed class ChunkRow
{
    public required long Id { get; init; }
    public required long Entry { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }
    public required string Heading { get; init; }
    public required string Text { get; init; }
    public required string Place { get; init; }
    public required int First { get; init; }
    public required int Last { get; init; }
    public byte[]? Vector { get; init; }

    /// <summary>Null where one of them has no vector.</summary>
    public double? CosineTo(float[]? question)
    {
        if (question is null || Vector is null || Vector.Length != question.Length * 2)
            return null;
        var own = new float[question.Length];
        new StoredVector { Id = Id, Entry = Entry, Vector = Vector }.CopyTo(own);
        return TensorPrimitives.Dot(own, question);
    }
}

/// <summary>A passage with its file and its relevance.</summary>
internal sealed record Scored(ChunkRow Row, Entry Entry, double Relevance);
