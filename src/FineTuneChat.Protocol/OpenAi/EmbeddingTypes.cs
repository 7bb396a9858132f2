using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>The body of <c>POST /v1/embeddings</c>. Null = not given.</summary>
internal sealed record EmbeddingRequest
{
    public string? Model { get; init; }

    /// <summary>A string, an array of strings, token ids, or an array of token ids.</summary>
    [WireType(typeof(string), typeof(string[]), typeof(int[]), typeof(int[][]))] public JsonElement? Input { get; init; }
    public string? EncodingFormat { get; init; }
    public int? Dimensions { get; init; }
    public string? User { get; init; }

    /// <summary>Parameters that this server does not know: each is an error, none is ignored.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record EmbeddingList
{
    public string Object { get; init; } = "list";
    public required IReadOnlyList<EmbeddingObject> Data { get; init; }
    public required string Model { get; init; }
    public required EmbeddingUsage Usage { get; init; }
}

internal sealed record EmbeddingObject
{
    public string Object { get; init; } = "embedding";
    public required int Index { get; init; }
    [WireType(typeof(float[]), typeof(string))] public required EmbeddingVector Embedding { get; init; }
}

internal sealed record EmbeddingUsage(int PromptTokens, int TotalTokens);

/// <summary>On the wire an array of numbers, or base64 of little-endian 32-bit floats.</summary>
[JsonConverter(typeof(EmbeddingVectorConverter))]
internal sealed record EmbeddingVector(float[] Values, bool AsBase64);

internal sealed class EmbeddingVectorConverter : JsonConverter<EmbeddingVector>
{
    public override EmbeddingVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Embeddings are only written.");

    public override void Write(Utf8JsonWriter writer, EmbeddingVector value, JsonSerializerOptions options)
    {
        if (value.AsBase64)
        {
            writer.WriteBase64StringValue(MemoryMarshal.AsBytes<float>(value.Values)); // .NET runs on little-endian machines
            return;
        }

        writer.WriteStartArray();
        foreach (float number in value.Values)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
