using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>The body of <c>POST /api/feedback</c>.</summary>
internal sealed record FeedbackRequest
{
    public string? CompletionId { get; init; }

    /// <summary>"up", "down", or null to withdraw. As an element: a missing rating is an error, null is not.</summary>
    [AllowedValues("up", "down", null)] public JsonElement Rating { get; init; }

    /// <summary>The reply that the user wants instead.</summary>
    public string? Correction { get; init; }
    public string? Comment { get; init; }

    /// <summary>Of a thumb down, what is wrong with the reply: too_long, wrong, wrong_language, tone, refused.</summary>
    public IReadOnlyList<string>? Reasons { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public (string CompletionId, string? Rating) Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        if (string.IsNullOrEmpty(CompletionId))
            throw OpenAiException.InvalidRequest("'completion_id' must be the id of a reply (chatcmpl-…, msg_…, resp_…).", "completion_id");
        string? rating = Rating.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String when Rating.GetString() is "up" or "down" => Rating.GetString(),
            _ => throw OpenAiException.InvalidRequest("'rating' must be \"up\", \"down\" or null (withdraws the rating).", "rating"),
        };
        if (Correction is not null && string.IsNullOrWhiteSpace(Correction))
            throw OpenAiException.InvalidRequest("'correction' is empty; leave it out, or write the reply that you want.", "correction");
        if (Reasons?.Except(Feedback.Reasons.All).ToArray() is [var unknown, ..])
            throw OpenAiException.InvalidRequest($"'reasons' has '{unknown}'; allowed: {string.Join(", ", Feedback.Reasons.All)}.", "reasons");
        if (Reasons is { Count: > 0 } && rating != "down")
            throw OpenAiException.InvalidRequest("'reasons' say what is wrong with a reply: they need \"rating\": \"down\".", "reasons");
        if (rating is null && (Correction ?? Comment) is not null)
            throw OpenAiException.InvalidRequest("A withdrawn rating (null) takes no correction and no comment.", "rating");
        return (ReplyIds.OfCompletion(CompletionId), rating);
    }
}

/// <summary>The rating of a reply, as <c>POST /api/feedback</c> answers. Times are Unix seconds.</summary>
internal sealed record StoredRating
{
    public string Object => "rating";
    public required string CompletionId { get; init; }
    [AllowedValues("up", "down")] public required string? Rating { get; init; }
    public required string? Correction { get; init; }
    public required string? Comment { get; init; }
    public required IReadOnlyList<string> Reasons { get; init; }
    public required long CreatedAt { get; init; }

    /// <summary>What the next run would learn from it; null: nothing.</summary>
    public required string? ExampleId { get; init; }
    [AllowedValues(
        Examples.ExampleStatus.Accepted, Examples.ExampleStatus.Unwanted, Examples.ExampleStatus.Excluded, Examples.ExampleStatus.Withdrawn)]
    public required string? ExampleStatus { get; init; }
}
