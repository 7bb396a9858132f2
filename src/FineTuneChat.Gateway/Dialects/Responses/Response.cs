using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Dialects.Responses;

/// <summary>A response of OpenAI's Responses API: the output, and the parameters that it was asked with.</summary>
internal sealed record Response
{
    public required string Id { get; init; } // "resp_…"
    public string Object => "response";
    public required long CreatedAt { get; init; } // Unix seconds
    [AllowedValues("in_progress", "completed", "incomplete", "failed")] public required string Status { get; init; }
    public bool Background => false;
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public ResponseError? Error { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public IncompleteDetails? IncompleteDetails { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Instructions { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public int? MaxOutputTokens { get; init; }
    public required string Model { get; init; }
    public IReadOnlyList<OutputItem> Output { get; init; } = [];
    public required bool ParallelToolCalls { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? PreviousResponseId { get; init; }
    public required ResponseReasoning Reasoning { get; init; }
    public required bool Store { get; init; }
    public required double Temperature { get; init; }
    public required ResponseText Text { get; init; }
    public required JsonElement ToolChoice { get; init; }
    public required IReadOnlyList<JsonElement> Tools { get; init; }
    public required double TopP { get; init; }
    public required string Truncation { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public ResponseUsage? Usage { get; init; }
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}

internal sealed record ResponseError(string Code, string Message);

internal sealed record IncompleteDetails(string Reason);

internal sealed record ResponseReasoning
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Effort { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Summary => null;
}

internal sealed record ResponseText(JsonElement Format);

/// <summary>An item of the output: reasoning, message or function_call.</summary>
internal sealed record OutputItem
{
    public required string Id { get; init; }
    [AllowedValues("reasoning", "message", "function_call", "file_search_call")] public required string Type { get; init; }
    [AllowedValues("in_progress", "completed", "incomplete")] public string? Status { get; init; }
    public string? Role { get; init; }
    public IReadOnlyList<JsonElement>? Summary { get; init; } // of reasoning: there is none, the text is in content
    public IReadOnlyList<OutputPart>? Content { get; init; }
    public string? CallId { get; init; }
    public string? Name { get; init; }
    public string? Arguments { get; init; }
    public IReadOnlyList<string>? Queries { get; init; } // of file_search_call
    public IReadOnlyList<FileSearchResult>? Results { get; init; } // the same, where they were asked for
}

/// <summary>A passage that a search of documents has found.</summary>
internal sealed record FileSearchResult(string FileId, string Filename, double Score);

/// <summary>A part of an item: output_text or reasoning_text.</summary>
internal sealed record OutputPart
{
    public required string Type { get; init; }
    public required string Text { get; init; }
    public IReadOnlyList<FileCitation>? Annotations { get; init; }
    public IReadOnlyList<JsonElement>? Logprobs { get; init; }

    public static OutputPart OfText(string text, IReadOnlyList<FileCitation>? citations = null) =>
        new() { Type = "output_text", Text = text, Annotations = citations ?? [], Logprobs = [] };

    public static OutputPart OfReasoning(string text) => new() { Type = "reasoning_text", Text = text };
}

internal sealed record ResponseUsage
{
    public required int InputTokens { get; init; }
    public required InputTokensDetails InputTokensDetails { get; init; }
    public required int OutputTokens { get; init; }
    public required OutputTokensDetails OutputTokensDetails { get; init; }
    public required int TotalTokens { get; init; }
}

internal sealed record InputTokensDetails(int CachedTokens);

internal sealed record OutputTokensDetails(int ReasoningTokens);

/// <summary>An event of a streamed response. Which fields it has follows from its type.</summary>
internal sealed record ResponseEvent
{
    public required string Type { get; init; }
    public int SequenceNumber { get; init; }
    public Response? Response { get; init; }
    public string? ItemId { get; init; }
    public int? OutputIndex { get; init; }
    public int? ContentIndex { get; init; }
    public OutputItem? Item { get; init; }
    public OutputPart? Part { get; init; }
    public int? AnnotationIndex { get; init; }
    public FileCitation? Annotation { get; init; }
    public string? Delta { get; init; }
    public string? Text { get; init; }
    public string? Name { get; init; }
    public string? Arguments { get; init; }
    public IReadOnlyList<JsonElement>? Logprobs { get; init; }
}
