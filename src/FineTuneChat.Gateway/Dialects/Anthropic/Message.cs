using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Gateway.Dialects.Anthropic;

/// <summary>A reply, as <c>POST /v1/messages</c> answers.</summary>
internal sealed record Message
{
    public required string Id { get; init; } // "msg_…"
    public string Type => "message";
    public string Role => "assistant";
    public required string Model { get; init; }
    public required IReadOnlyList<OutputBlock> Content { get; init; }
    [AllowedValues(StopReasons.EndTurn, StopReasons.MaxTokens, StopReasons.ToolUse), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? StopReason { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? StopSequence => null;
    public required MessageUsage Usage { get; init; }
}

internal static class StopReasons
{
    public const string EndTurn = "end_turn", MaxTokens = "max_tokens", ToolUse = "tool_use";
}

/// <summary>A block of a reply: text, thinking or tool_use.</summary>
internal sealed record OutputBlock
{
    public required string Type { get; init; }
    public string? Text { get; init; }
    public string? Thinking { get; init; }
    public string? Signature { get; init; } // of thinking: always empty, nobody checks it here
    public string? Id { get; init; }
    public string? Name { get; init; }
    public JsonElement? Input { get; init; }

    public static OutputBlock OfText(string text) => new() { Type = "text", Text = text };

    public static OutputBlock OfThinking(string text) => new() { Type = "thinking", Thinking = text, Signature = "" };

    public static OutputBlock OfToolUse(string? id, string? name, JsonElement input) => new() { Type = "tool_use", Id = id, Name = name, Input = input };
}

/// <summary>Tokens: of the prompt those that were computed, those that the cache had, and those that were written.</summary>
internal sealed record MessageUsage
{
    public required int InputTokens { get; init; }
    public int CacheCreationInputTokens { get; init; }
    public required int CacheReadInputTokens { get; init; }
    public required int OutputTokens { get; init; }
}

/// <summary>The answer of <c>POST /v1/messages/count_tokens</c>.</summary>
internal sealed record MessageTokens(int InputTokens);
