using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>The body of <c>POST /v1/messages</c>, as far as a local model can do something about it; the rest is ignored. Null = not given.</summary>
internal sealed record MessagesRequest
{
    public string? Model { get; init; }
    public IReadOnlyList<InputMessage>? Messages { get; init; }
    [JsonConverter(typeof(BlocksConverter)), WireType(typeof(string), typeof(InputBlock[]))] public IReadOnlyList<InputBlock>? System { get; init; }
    public int? MaxTokens { get; init; }
    public IReadOnlyList<string>? StopSequences { get; init; }
    public bool? Stream { get; init; }
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public int? TopK { get; init; }
    public IReadOnlyList<MessagesTool>? Tools { get; init; }
    public MessagesToolChoice? ToolChoice { get; init; }
    public ThinkingRequest? Thinking { get; init; }
    public OutputConfig? OutputConfig { get; init; }
}

internal sealed record InputMessage
{
    [AllowedValues("user", "assistant", "system")] public string? Role { get; init; }
    [JsonConverter(typeof(BlocksConverter)), WireType(typeof(string), typeof(InputBlock[]))] public IReadOnlyList<InputBlock>? Content { get; init; }
}

/// <summary>A block of a message: text, thinking, tool_use, tool_result, or one that no local model knows.</summary>
internal sealed record InputBlock
{
    public string? Type { get; init; }
    public string? Text { get; init; }
    public string? Thinking { get; init; }

    // tool_use
    public string? Id { get; init; }
    public string? Name { get; init; }
    public JsonElement? Input { get; init; }

    // tool_result
    public string? ToolUseId { get; init; }
    [JsonConverter(typeof(BlocksConverter)), WireType(typeof(string), typeof(JsonElement[]))] public IReadOnlyList<InputBlock>? Content { get; init; }
    public bool? IsError { get; init; }

    // document
    public BlockSource? Source { get; init; }
}

internal sealed record BlockSource
{
    public string? Type { get; init; }
    public string? Data { get; init; }
}

internal sealed record MessagesTool
{
    /// <summary>Null or <c>custom</c> for a function of the caller; others run at Anthropic's, and are left out.</summary>
    public string? Type { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    public JsonElement? InputSchema { get; init; }
    public bool? Strict { get; init; }
}

internal sealed record MessagesToolChoice
{
    [AllowedValues("auto", "any", "tool", "none")] public string? Type { get; init; }
    public string? Name { get; init; }
    public bool? DisableParallelToolUse { get; init; }
}

internal sealed record ThinkingRequest
{
    /// <summary><c>disabled</c>; any other value: the model may think.</summary>
    public string? Type { get; init; }
}

internal sealed record OutputConfig
{
    public OutputFormat? Format { get; init; }
}

internal sealed record OutputFormat
{
    [AllowedValues("json_schema")] public string? Type { get; init; }
    public JsonElement? Schema { get; init; }
}

/// <summary>Content: a string, which is one block of text, or an array of blocks.</summary>
internal sealed class BlocksConverter : JsonConverter<IReadOnlyList<InputBlock>>
{
    public override IReadOnlyList<InputBlock> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => [new() { Type = "text", Text = reader.GetString() }],
        JsonTokenType.StartArray => JsonSerializer.Deserialize(ref reader, AnthropicJson.Wire.InputBlockArray)!,
        _ => throw new JsonException("Content must be a string or an array of blocks."),
    };

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<InputBlock> value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Requests are only read.");
}
