using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.LlamaServer;

/// <summary>The body of <c>POST /rerank</c>.</summary>
internal sealed record RerankRequest
{
    public string? Model { get; init; }
    public string? Query { get; init; }
    [WireType(typeof(string[]))] public JsonElement? Documents { get; init; }
    public int? TopN { get; init; }
}

/// <summary>The answer of <c>/rerank</c>: the best first.</summary>
internal sealed record RerankAnswer(string Model, IReadOnlyList<RerankResult> Results, EmbeddingUsage Usage)
{
    public string Object => "list";
}

internal sealed record RerankResult(int Index, double RelevanceScore);
