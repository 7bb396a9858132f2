using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FineTuneChat.Gateway.Dialects.Ollama;

/// <summary>
/// A reply of <c>/api/chat</c> or <c>/api/generate</c>, or a line of a streamed one; the counts are on the last. Durations in nanoseconds. <c>id</c> is ours:
/// a client that reads it can rate the reply.
/// </summary>
internal sealed record OllamaReply
{
    public required string Model { get; init; }
    public required DateTime CreatedAt { get; init; }
    public string? Id { get; init; }
    public OllamaReplyMessage? Message { get; init; } // chat
    public string? Response { get; init; } // generate
    public string? Thinking { get; init; } // generate
    [JsonPropertyName("done")] public required bool IsDone { get; init; }
    [AllowedValues("stop", "length", "load")] public string? DoneReason { get; init; }
    public long? TotalDuration { get; init; }
    public long? LoadDuration { get; init; } // until the model began: loading, waiting
    public int? PromptEvalCount { get; init; }
    public long? PromptEvalDuration { get; init; }
    public int? EvalCount { get; init; }
    public long? EvalDuration { get; init; }
}

internal sealed record OllamaReplyMessage
{
    public string Role => "assistant";
    public required string Content { get; init; }
    public string? Thinking { get; init; }
    public IReadOnlyList<OllamaToolCall>? ToolCalls { get; init; }
}

/// <summary>The answer of <c>/api/embed</c>.</summary>
internal sealed record OllamaEmbeddings
{
    public required string Model { get; init; }
    public required IReadOnlyList<JsonElement> Embeddings { get; init; } // of numbers
    public required long TotalDuration { get; init; }
    public long LoadDuration { get; init; }
    public required int PromptEvalCount { get; init; }
}

/// <summary>The answer of <c>/api/embeddings</c>.</summary>
internal sealed record OllamaEmbedding(JsonElement Embedding);

internal sealed record OllamaVersion(string Version);

/// <summary>The answer of <c>/api/tags</c>, and of <c>/api/ps</c> for the models that are loaded.</summary>
internal sealed record OllamaModelList(IReadOnlyList<OllamaModel> Models);

internal sealed record OllamaModel
{
    public required string Name { get; init; }
    public required string Model { get; init; } // the same
    public DateTime? ModifiedAt { get; init; }
    public required long Size { get; init; }
    public required string Digest { get; init; }
    public required OllamaDetails Details { get; init; }

    // of those that are loaded
    public DateTime? ExpiresAt { get; init; }
    public long? SizeVram { get; init; }
    public int? ContextLength { get; init; }
}

internal sealed record OllamaDetails
{
    public required string ParentModel { get; init; }
    public string Format => "gguf";
    public required string Family { get; init; }
    public required IReadOnlyList<string> Families { get; init; }
    public required string ParameterSize { get; init; }
    public required string QuantizationLevel { get; init; }
}

/// <summary>The answer of <c>/api/show</c>.</summary>
internal sealed record OllamaModelInfo
{
    public required string Modelfile { get; init; }
    public required string Parameters { get; init; }
    public required string Template { get; init; }
    public string? System { get; init; }
    public string? License { get; init; }
    public required OllamaDetails Details { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> ModelInfo { get; init; }
    public required IReadOnlyList<string> Capabilities { get; init; }
    public required DateTime ModifiedAt { get; init; }
}

/// <summary>How far a request that takes its time has come; of a download with its bytes.</summary>
internal sealed record OllamaStatus(string Status)
{
    public string? Digest { get; init; } // clients tell downloads apart by it
    public long? Total { get; init; }
    public long? Completed { get; init; }
}

/// <summary>An error in Ollama's shape.</summary>
internal sealed record OllamaErrorBody(string Error);
