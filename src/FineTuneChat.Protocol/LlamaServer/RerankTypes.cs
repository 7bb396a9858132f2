using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.LlamaServer;

/// <summary>The body of <c>POST /rerank</c>.</summary>
internal sealed record RerankRequest
{
    private const int MaxDocuments = 2048;

    public string? Model { get; init; }
    public string? Query { get; init; }
    [WireType(typeof(string[]))] public JsonElement? Documents { get; init; }
    public int? TopN { get; init; }

    /// <summary>What is asked, and of which texts.</summary>
    /// <exception cref="OpenAiException">400: something is missing, or is not what it must be.</exception>
    public (string Query, string[] Documents) Read()
    {
        if (Query is null)
            throw OpenAiException.InvalidRequest("'query' is missing.", "query");
        if (Documents is not { ValueKind: JsonValueKind.Array } documents || documents.GetArrayLength() is 0 or > MaxDocuments
            || documents.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.String))
            throw OpenAiException.InvalidRequest($"'documents' must be an array of 1 to {MaxDocuments} strings.", "documents");
        SamplingValidator.Range("top_n", TopN, 1, int.MaxValue);
        return (Query, [.. documents.EnumerateArray().Select(d => d.GetString()!)]);
    }

    /// <summary>The best first, as many as are wanted.</summary>
    /// <param name="scores">Of the documents, in their order.</param>
    public RerankResult[] Best(IEnumerable<double> scores) =>
        [.. scores.Select((score, i) => new RerankResult(i, score)).OrderByDescending(r => r.RelevanceScore).Take(TopN ?? int.MaxValue)];
}

/// <summary>The answer of <c>/rerank</c>: the best first.</summary>
internal sealed record RerankAnswer(string Model, IReadOnlyList<RerankResult> Results, EmbeddingUsage Usage)
{
    public string Object => "list";
}

internal sealed record RerankResult(int Index, double RelevanceScore);
