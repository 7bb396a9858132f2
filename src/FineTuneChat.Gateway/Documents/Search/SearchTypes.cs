using System.Text.Json;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>The body of <c>POST /v1/vector_stores/{id}/search</c>.</summary>
internal sealed record SearchRequest
{
    public const int DefaultResults = 10, MostResults = 50;
    private const int MaxQuery = 10_000; // characters

    [WireType(typeof(string), typeof(string[]))] public JsonElement? Query { get; init; }
    public AttributeFilter? Filters { get; init; }
    public int? MaxNumResults { get; init; }
    public RankingOptions? RankingOptions { get; init; }
    public bool? RewriteQuery { get; init; } // a question is searched for as it is

    /// <summary>What is searched for. Several queries are one with all their words.</summary>
    public string Text => Query switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } texts => string.Join('\n', texts.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String)),
        _ => "",
    };

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Text))
            throw OpenAiException.MissingParameter("query", ": a text, or an array of texts");
        if (Text.Length > MaxQuery)
            throw OpenAiException.InvalidRequest($"'query' has {Text.Length} characters; at most {MaxQuery} are allowed.", "query");
        if (MaxNumResults is < 1 or > MostResults)
            throw OpenAiException.InvalidRequest($"'max_num_results' is {MaxNumResults}; it must be from 1 to {MostResults}.", "max_num_results");
        RankingOptions?.Validate();
        Filters?.Validate();
    }
}

internal sealed record RankingOptions
{
    public string? Ranker { get; init; } // there is one
    public double? ScoreThreshold { get; init; }

    public void Validate()
    {
        if (ScoreThreshold is < 0 or > 1)
            throw OpenAiException.InvalidRequest($"'score_threshold' is {ScoreThreshold}; it must be from 0 to 1.", "ranking_options.score_threshold");
    }
}

/// <summary>What was found, in OpenAI's shape.</summary>
internal sealed record SearchPage
{
    public string Object => "vector_store.search_results.page";
    public required IReadOnlyList<string> SearchQuery { get; init; }
    public required IReadOnlyList<SearchResult> Data { get; init; }
    public bool HasMore => false;
    public string? NextPage => null;

    public static SearchPage Of(SearchRequest request, IReadOnlyList<FoundPassage> found) => new()
    {
        SearchQuery = [request.Text],
        Data = [.. found.Select(SearchResult.Of)],
    };
}

internal sealed record SearchResult
{
    public required string FileId { get; init; }
    public required string Filename { get; init; }

    /// <summary>How relevant it is, from 0 to 1.</summary>
    public required double Score { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> Attributes { get; init; }
    public required IReadOnlyList<TextContent> Content { get; init; }

    /// <summary>Ours: where the passage stands; its id is for <c>/api/passages/{number}</c>.</summary>
    public required DocumentSource Source { get; init; }

    public static SearchResult Of(FoundPassage passage) => new()
    {
        FileId = passage.Source.FileId,
        Filename = passage.Source.Filename,
        Score = passage.Source.Score,
        Attributes = passage.Attributes,
        Content = [new(passage.Text)],
        Source = passage.Source,
    };
}

/// <summary>A passage that was found, neighbours joined.</summary>
internal sealed record FoundPassage(DocumentSource Source, string Text, IReadOnlyDictionary<string, JsonElement> Attributes);
