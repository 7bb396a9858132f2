using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>What requests for a reply have in common. What is not named here (keep_alive, truncate, logprobs …) is ignored. Null = not given.</summary>
internal abstract record OllamaReplyRequest
{
    public string? Model { get; init; }
    public bool? Stream { get; init; } // true, where it is not given

    /// <summary>"json", or a JSON schema.</summary>
    [WireType(typeof(string), typeof(object))] public JsonElement? Format { get; init; }
    public OllamaOptions? Options { get; init; }

    /// <summary>true, false, or how hard: "low", "medium", "high".</summary>
    [WireType(typeof(bool), typeof(string))] public JsonElement? Think { get; init; }
}

/// <summary>The body of <c>POST /api/chat</c>.</summary>
internal sealed record OllamaChatRequest : OllamaReplyRequest
{
    public IReadOnlyList<OllamaMessage>? Messages { get; init; }
    public JsonElement? Tools { get; init; } // as OpenAI's
}

/// <summary>The body of <c>POST /api/generate</c>.</summary>
internal sealed record OllamaGenerateRequest : OllamaReplyRequest
{
    public string? Prompt { get; init; }
    public string? System { get; init; }
    public string? Suffix { get; init; }
    public string? Template { get; init; }

    /// <summary>The prompt is the whole text that the model reads.</summary>
    public bool? Raw { get; init; }
    public IReadOnlyList<string>? Images { get; init; }
}

internal sealed record OllamaMessage
{
    [AllowedValues("system", "user", "assistant", "tool")] public string? Role { get; init; }
    public string? Content { get; init; }
    public string? Thinking { get; init; }
    public IReadOnlyList<string>? Images { get; init; }
    public IReadOnlyList<OllamaToolCall>? ToolCalls { get; init; }
    public string? ToolName { get; init; } // of a tool's result
    public string? ToolCallId { get; init; }
}

internal sealed record OllamaToolCall
{
    public string? Id { get; init; }
    public OllamaCalledFunction? Function { get; init; }
}

/// <summary>Arguments are an object here, not a text.</summary>
internal sealed record OllamaCalledFunction
{
    public int? Index { get; init; }
    public string? Name { get; init; }
    [WireType(typeof(object))] public JsonElement? Arguments { get; init; }
}

/// <summary>Sampling and length by Ollama's names. Those that load a model (num_ctx, num_gpu …) are settings here, and ignored.</summary>
internal sealed record OllamaOptions
{
    public int? NumPredict { get; init; } // below 0: no limit
    public double? Temperature { get; init; }
    public int? TopK { get; init; }
    public double? TopP { get; init; }
    public double? MinP { get; init; }
    public double? TypicalP { get; init; }
    public int? RepeatLastN { get; init; } // -1: the whole context
    public double? RepeatPenalty { get; init; }
    public double? PresencePenalty { get; init; }
    public double? FrequencyPenalty { get; init; }
    public int? Mirostat { get; init; }
    public double? MirostatTau { get; init; }
    public double? MirostatEta { get; init; }
    public long? Seed { get; init; }
    public IReadOnlyList<string>? Stop { get; init; }
}

/// <summary>The body of <c>POST /api/embed</c>, and with <c>prompt</c> of the older <c>POST /api/embeddings</c>.</summary>
internal sealed record OllamaEmbedRequest
{
    public string? Model { get; init; }
    [WireType(typeof(string), typeof(string[]))] public JsonElement? Input { get; init; }
    public string? Prompt { get; init; }
    public int? Dimensions { get; init; }
}

/// <summary>The body of <c>POST /api/show</c>, <c>POST /api/pull</c> and <c>DELETE /api/delete</c>: which model.</summary>
internal sealed record OllamaModelRequest
{
    public string? Model { get; init; }
    public string? Name { get; init; } // the older name of the same
    public bool? Stream { get; init; } // of a pull

    /// <exception cref="Protocol.OpenAi.OpenAiException">400: none is named.</exception>
    public string Named() => Protocol.ModelName.WithoutTag(Model ?? Name) is { Length: > 0 and <= 1000 } name
        ? name
        : throw Protocol.OpenAi.OpenAiException.InvalidRequest("'model' must name a model.", "model");
}

/// <summary>The body of <c>POST /api/copy</c>.</summary>
internal sealed record OllamaCopyRequest
{
    public string? Source { get; init; }
    public string? Destination { get; init; }
}

/// <summary>The body of <c>POST /api/create</c>: a name for a model with a system prompt and parameters, which is a preset here.</summary>
internal sealed record OllamaCreateRequest
{
    public string? Model { get; init; }
    public string? Name { get; init; } // the older name of the same
    public string? From { get; init; }
    public string? System { get; init; }
    public OllamaOptions? Parameters { get; init; }

    /// <summary>The same as a Modelfile: FROM, SYSTEM, PARAMETER.</summary>
    public string? Modelfile { get; init; }
    public bool? Stream { get; init; }

    // What a preset cannot hold.
    public JsonElement? Files { get; init; }
    public JsonElement? Adapters { get; init; }
    public string? Template { get; init; }
    public string? Quantize { get; init; }
    public JsonElement? Messages { get; init; }
}
