using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>One event of a streamed reply. Id and created are the same on every chunk.</summary>
internal sealed record ChatCompletionChunk
{
    public required string Id { get; init; }
    public string Object { get; init; } = "chat.completion.chunk";
    public required long Created { get; init; }
    public required string Model { get; init; }
    public string? SystemFingerprint { get; init; }
    public required IReadOnlyList<ChunkChoice> Choices { get; init; }

    /// <summary>Absent unless <c>stream_options.include_usage</c>; then null on all but the last chunk.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault), WireType(typeof(Usage), OrNull = true)] public StreamUsage Usage { get; init; }

    /// <summary>On the chunk that carries the finish reason.</summary>
    public Timings? Timings { get; init; }

    /// <summary>Ours, on one chunk, where documents were asked.</summary>
    public IReadOnlyList<DocumentSource>? Sources { get; init; }
}

internal sealed record ChunkChoice
{
    public required int Index { get; init; }
    public required ChunkDelta Delta { get; init; }
    public ChoiceLogprobs? Logprobs { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required string? FinishReason { get; init; }
}

/// <summary>What a chunk adds. All fields are optional, so the closing chunk has a true <c>{}</c>.</summary>
internal sealed record ChunkDelta
{
    public string? Role { get; init; } // in the first chunk only
    public string? Content { get; init; }
    public string? ReasoningContent { get; init; }
    public IReadOnlyList<ToolCallDelta>? ToolCalls { get; init; }
    public ToolCallFunction? FunctionCall { get; init; }
    public IReadOnlyList<FileCitation>? Annotations { get; init; }
}

internal sealed record ToolCallDelta
{
    public required int Index { get; init; }
    public string? Id { get; init; }
    public string? Type { get; init; }
    public ToolCallFunction? Function { get; init; }
}

/// <summary>Three states on the wire: absent (default), <c>null</c> (<see cref="Pending"/>) and a value.</summary>
[JsonConverter(typeof(StreamUsageConverter))]
internal readonly record struct StreamUsage(bool IsPresent, Usage? Value)
{
    public static StreamUsage Pending => new(IsPresent: true, Value: null);

    public static StreamUsage Of(Usage usage) => new(IsPresent: true, usage);
}

internal sealed class StreamUsageConverter : JsonConverter<StreamUsage>
{
    public override bool HandleNull => true;

    public override StreamUsage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? StreamUsage.Pending : StreamUsage.Of(JsonSerializer.Deserialize(ref reader, OpenAiJson.Default.Usage)!);

    public override void Write(Utf8JsonWriter writer, StreamUsage value, JsonSerializerOptions options)
    {
        if (value.Value is null)
            writer.WriteNullValue();
        else
            JsonSerializer.Serialize(writer, value.Value, OpenAiJson.Default.Usage);
    }
}
