using System.Text.Json.Serialization;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>A whole reply, as <c>POST /v1/chat/completions</c> answers without <c>stream</c>.</summary>
internal sealed record ChatCompletion
{
    public required string Id { get; init; } // "chatcmpl-…"
    public string Object { get; init; } = "chat.completion";
    public required long Created { get; init; } // Unix seconds
    public required string Model { get; init; }
    public required IReadOnlyList<ChatChoice> Choices { get; init; }
    public Usage? Usage { get; init; }
    public string? SystemFingerprint { get; init; } // the version that answered, "assistant@3"
    public string? ServiceTier { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; } // as it was sent
    public Timings? Timings { get; init; }
    public IReadOnlyList<DocumentSource>? Sources { get; init; } // ours: passages of documents; empty: they hold nothing about the question
}

internal sealed record ChatChoice
{
    public required int Index { get; init; }
    public required ResponseMessage Message { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public ChoiceLogprobs? Logprobs { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required string? FinishReason { get; init; }
}

internal sealed record ResponseMessage
{
    public string Role { get; init; } = "assistant";
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required string? Content { get; init; }
    public string? ReasoningContent { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Refusal { get; init; }
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
    public IReadOnlyList<FileCitation>? Annotations { get; init; } // where documents were asked
    public ToolCallFunction? FunctionCall { get; init; } // to those who ask with functions
}

/// <summary>The values that clients accept: .NET's client throws on any other.</summary>
internal static class FinishReasons
{
    public const string Stop = "stop";
    public const string Length = "length";
    public const string ToolCalls = "tool_calls";
    public const string FunctionCall = "function_call";
}

internal sealed record ChoiceLogprobs
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required IReadOnlyList<TokenLogprob>? Content { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public IReadOnlyList<TokenLogprob>? Refusal { get; init; }
}

/// <summary>Natural logarithm of a token's probability, and its bytes: a token may be a part of a character.</summary>
internal sealed record TokenLogprob
{
    public required string Token { get; init; }
    public required double Logprob { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required IReadOnlyList<int>? Bytes { get; init; }
    public IReadOnlyList<TokenLogprob>? TopLogprobs { get; init; } // absent inside top_logprobs itself
}
