using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>The body of <c>POST /v1/chat/completions</c>. Null = not given.</summary>
internal sealed record ChatCompletionRequest : SamplingRequest
{
    public IReadOnlyList<RequestMessage>? Messages { get; init; }
    public int? MaxCompletionTokens { get; init; }

    // Form of the reply.
    public bool? Logprobs { get; init; }
    public int? TopLogprobs { get; init; }
    public JsonElement? ResponseFormat { get; init; }
    public IReadOnlyList<string>? GuidedChoice { get; init; } // vLLM's: the reply is one of these texts,
    public string? GuidedRegex { get; init; } // or matches this pattern
    public JsonElement? Tools { get; init; }
    public JsonElement? ToolChoice { get; init; }
    public bool? ParallelToolCalls { get; init; }
    public string? ReasoningEffort { get; init; }
    public IReadOnlyList<string>? Modalities { get; init; } // text is all there is
    public PredictedContent? Prediction { get; init; } // what much of the reply will be: it is written faster where that is right
    public JsonElement? Functions { get; init; } // the older names of tools
    public JsonElement? FunctionCall { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? ChatTemplateKwargs { get; init; } // names that the model's template knows, such as enable_thinking

    public IReadOnlyList<string>? VectorStoreIds { get; init; } // ours: documents that the question is looked up in

    /// <summary>What the gateway does with a talk that has outgrown the context; null: refuses it.</summary>
    [AllowedValues(Truncations.Auto, Truncations.Disabled, Truncations.Drop, Truncations.Summary)] public string? Truncation { get; init; }

    // Notes of the caller: kept by the gateway, without effect on the reply.
    public string? SafetyIdentifier { get; init; }
    public string? PromptCacheKey { get; init; }
    public string? ServiceTier { get; init; }
    public bool? Store { get; init; }
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The limit on generated tokens; <c>max_completion_tokens</c> wins over the older <c>max_tokens</c>.</summary>
    [JsonIgnore] public int? TokenLimit => MaxCompletionTokens ?? MaxTokens;

    /// <summary>The assistant's last message where the reply is to go on with it.</summary>
    [JsonIgnore] public RequestMessage? BegunReply => Messages is [.., { Role: "assistant", Prefix: true } last] ? last : null;

    /// <summary>The caller knows the older API: a call is a <c>function_call</c> of the message, and there is one.</summary>
    [JsonIgnore] public bool UsesFunctions => Functions is not null;
}

/// <summary>Text that much of a reply may consist of.</summary>
internal sealed record PredictedContent
{
    [AllowedValues("content")] public string? Type { get; init; }
    [JsonConverter(typeof(MessageContentConverter)), WireType(typeof(string), typeof(ContentPart[]))] public string? Content { get; init; }
}

/// <summary>One message of the request. The parts of an array content are joined: they are one message.</summary>
internal sealed record RequestMessage
{
    public string? Role { get; init; }
    [JsonConverter(typeof(MessageContentConverter)), WireType(typeof(string), typeof(ContentPart[]))] public string? Content { get; init; }
    public string? Name { get; init; }
    public string? ReasoningContent { get; init; }
    public string? Refusal { get; init; }
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
    public string? ToolCallId { get; init; }
    public ToolCallFunction? FunctionCall { get; init; } // the older name of a single tool call
    public bool? Prefix { get; init; } // the last message, of the assistant: the reply goes on with it
    public IReadOnlyList<string>? VectorStoreIds { get; init; } // ours: documents that this question alone is looked up in
}

/// <summary>A part of a message: text, or the refusal to write one.</summary>
internal sealed record ContentPart
{
    [AllowedValues("text", "refusal")] public required string Type { get; init; }
    public string? Text { get; init; }
    public string? Refusal { get; init; }
}

internal sealed record ToolCall
{
    public string? Id { get; init; }
    public string? Type { get; init; }
    public ToolCallFunction? Function { get; init; }

    /// <summary>A call of the older API, which has no ids: one function is called at a time.</summary>
    public static ToolCall OfFunction(ToolCallFunction function) => new() { Id = IdOfFunction(function.Name), Type = "function", Function = function };

    public static string IdOfFunction(string? name) => $"function_{name}";
}

internal sealed record ToolCallFunction
{
    public string? Name { get; init; }

    /// <summary>JSON as a string, as OpenAI sends it; an object, as Ollama does, is read as its text.</summary>
    [JsonConverter(typeof(ArgumentsConverter)), WireType(typeof(string))] public string? Arguments { get; init; }
}
