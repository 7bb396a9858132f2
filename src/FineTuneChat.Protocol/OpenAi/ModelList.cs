using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary><c>GET /v1/models</c>.</summary>
internal sealed record ModelList
{
    public string Object { get; init; } = "list";
    public required IReadOnlyList<ModelObject> Data { get; init; }
}

/// <summary>One servable model; its id is a name, never a path.</summary>
internal sealed record ModelObject
{
    public required string Id { get; init; }
    public string Object { get; init; } = "model";
    public required long Created { get; init; } // Unix seconds
    public string OwnedBy { get; init; } = "finetunechat";

    /// <summary>As LM Studio has it, and <c>rerank</c>.</summary>
    [AllowedValues("llm", "embeddings", "rerank")] public string Type { get; init; } = "llm";

    /// <summary>Most tokens of a request, its reply included; absent where that is not known.</summary>
    public int? ContextLength { get; init; }

    /// <summary>The model that an adapter belongs to; absent for a model of its own. As vLLM has it.</summary>
    public string? Parent { get; init; }

    /// <summary><c>refused</c> for a version of the assistant that the gate refused; absent for all others.</summary>
    [AllowedValues("refused")] public string? Status { get; init; }
}
