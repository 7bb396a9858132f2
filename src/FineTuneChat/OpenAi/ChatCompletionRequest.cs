using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.OpenAi;

/// <summary>The body of <c>POST /v1/chat/completions</c>: OpenAI's parameters plus llama-server's sampling ones. Null = not given.</summary>
internal sealed record ChatCompletionRequest
{
    public string? Model { get; init; }
    public IReadOnlyList<RequestMessage>? Messages { get; init; }

    // Length and stopping.
    public int? MaxTokens { get; init; }
    public int? MaxCompletionTokens { get; init; }
    [JsonConverter(typeof(StopConverter))] public IReadOnlyList<string>? Stop { get; init; }
    public bool? IgnoreEos { get; init; }

    // Sampling.
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public int? TopK { get; init; }
    public double? MinP { get; init; }
    public double? TypicalP { get; init; }
    public double? PresencePenalty { get; init; }
    public double? FrequencyPenalty { get; init; }
    public double? RepetitionPenalty { get; init; }
    public double? RepeatPenalty { get; init; } // llama-server's name of the same
    public long? Seed { get; init; }
    public IReadOnlyDictionary<string, double>? LogitBias { get; init; }
    public int? N { get; init; }

    // Form of the reply.
    public bool? Stream { get; init; }
    public StreamOptions? StreamOptions { get; init; }
    public bool? Logprobs { get; init; }
    public int? TopLogprobs { get; init; }
    public JsonElement? ResponseFormat { get; init; }
    public JsonElement? Tools { get; init; }
    public JsonElement? ToolChoice { get; init; }
    public bool? ParallelToolCalls { get; init; }

    // Notes of the caller: kept by the gateway, without effect on the reply.
    public string? User { get; init; }
    public string? SafetyIdentifier { get; init; }
    public string? PromptCacheKey { get; init; }
    public string? ServiceTier { get; init; }
    public bool? Store { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Parameters that this server does not know: each is an error, none is ignored.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>The limit on generated tokens; <c>max_completion_tokens</c> wins over the older <c>max_tokens</c>.</summary>
    [JsonIgnore] public int? TokenLimit => MaxCompletionTokens ?? MaxTokens;
}

/// <summary>One message of the request. The parts of an array content are joined: they are one message.</summary>
internal sealed record RequestMessage
{
    public string? Role { get; init; }
    [JsonConverter(typeof(MessageContentConverter))] public string? Content { get; init; }
    public string? Name { get; init; }
    public string? ReasoningContent { get; init; }
    public string? Refusal { get; init; }
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
    public string? ToolCallId { get; init; }
}

internal sealed record StreamOptions
{
    public bool? IncludeUsage { get; init; }
    public bool? IncludeObfuscation { get; init; }
}

internal sealed record ToolCall
{
    public string? Id { get; init; }
    public string? Type { get; init; }
    public ToolCallFunction? Function { get; init; }
}

internal sealed record ToolCallFunction
{
    public string? Name { get; init; }

    /// <summary>JSON as a string, as OpenAI sends it.</summary>
    public string? Arguments { get; init; }
}
