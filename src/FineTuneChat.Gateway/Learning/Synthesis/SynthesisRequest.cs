using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>The body of <c>POST /api/synthesis</c>.</summary>
internal sealed record SynthesisRequest
{
    public const int DefaultQuestions = 2, DefaultPassages = 100;
    private const int MostQuestions = 5, MostPassages = 5_000;

    /// <summary>The collection.</summary>
    public string? VectorStoreId { get; init; }

    /// <summary>One document of it; null: all.</summary>
    public string? FileId { get; init; }

    /// <summary>Of each passage, 1 to 5; null: 2.</summary>
    public int? Questions { get; init; }

    /// <summary>That are read at most, 1 to 5,000, evenly from all of the text; null: 100.</summary>
    public int? Passages { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public void Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (string.IsNullOrEmpty(VectorStoreId))
            throw OpenAiException.MissingParameter("vector_store_id", ": the collection of documents");
        if (Questions is < 1 or > MostQuestions)
            throw OpenAiException.InvalidRequest($"'questions' is {Questions}; it must be from 1 to {MostQuestions}.", "questions");
        if (Passages is < 1 or > MostPassages)
            throw OpenAiException.InvalidRequest($"'passages' is {Passages}; it must be from 1 to {MostPassages}.", "passages");
    }
}

/// <summary>The body of <c>PATCH /api/synthesis/{id}/rows</c> and <c>/{row}</c>.</summary>
internal sealed record RowChange
{
    public string? Question { get; init; }
    public string? Answer { get; init; }
    [AllowedValues(RowStatus.Open, RowStatus.Accepted, RowStatus.Dropped)] public string? Status { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public void Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (this is { Question: null, Answer: null, Status: null })
            throw OpenAiException.InvalidRequest("Give at least one of 'question', 'answer' and 'status'.", "status");
        if (Status is not (null or RowStatus.Open or RowStatus.Accepted or RowStatus.Dropped))
            throw OpenAiException.InvalidRequest($"'status' is '{Status}'; allowed: open, accepted, dropped.", "status");
        if (Question is not null && (string.IsNullOrWhiteSpace(Question) || Question.Length > RowRules.LongestEdit))
            throw OpenAiException.InvalidRequest($"'question' has 1 to {RowRules.LongestEdit:N0} characters.", "question");
        if (Answer is not null && (string.IsNullOrWhiteSpace(Answer) || Answer.Length > RowRules.LongestEdit))
            throw OpenAiException.InvalidRequest($"'answer' has 1 to {RowRules.LongestEdit:N0} characters.", "answer");
    }
}

/// <summary>The body of <c>POST /api/synthesis/{id}/import</c>.</summary>
internal sealed record RowImportRequest
{
    /// <summary>Only tell what would be imported.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>How many rows were changed at once.</summary>
internal sealed record RowsChanged(int Changed)
{
    public string Object => "synthetic_rows.changed";
}
