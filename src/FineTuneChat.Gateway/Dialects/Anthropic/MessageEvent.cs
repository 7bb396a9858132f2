using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>An event of a streamed reply. Which fields it has follows from its type.</summary>
internal sealed record MessageEvent
{
    public required string Type { get; init; }
    public Message? Message { get; init; }
    public int? Index { get; init; }
    public OutputBlock? ContentBlock { get; init; }
    public MessageDelta? Delta { get; init; }
    public MessageUsage? Usage { get; init; }
}

/// <summary>What an event adds: to a block its text, thinking or arguments, to the message why it ended.</summary>
internal sealed record MessageDelta
{
    public string? Type { get; init; }
    public string? Text { get; init; }
    public string? Thinking { get; init; }
    public string? Signature { get; init; }
    public string? PartialJson { get; init; }
    public string? StopReason { get; init; }
    [WireType(OrNull = true)] public JsonElement? StopSequence { get; init; } // null beside a reason, absent else
}

/// <summary>An error in Anthropic's shape, as a response or as an event.</summary>
internal sealed record AnthropicErrorBody(AnthropicError Error)
{
    [JsonPropertyOrder(-1)] public string Type => "error";
}

internal sealed record AnthropicError(string Type, string Message);
