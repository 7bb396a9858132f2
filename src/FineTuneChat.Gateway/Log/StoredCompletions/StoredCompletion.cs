using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Log.StoredCompletions;

/// <summary>A logged reply as OpenAI's stored completions show it: the reply, and the parameters that it was asked with.</summary>
internal sealed record StoredCompletion
{
    public required string Id { get; init; }
    public string Object => "chat.completion";
    public required long Created { get; init; }
    public required string Model { get; init; }
    public required IReadOnlyList<ChatChoice> Choices { get; init; }
    public Usage? Usage { get; init; }
    public required string SystemFingerprint { get; init; }
    public required string RequestId { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required IReadOnlyDictionary<string, string>? Metadata { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? InputUser { get; init; }
    public string ServiceTier => "default";
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public long? Seed { get; init; }
    public double Temperature { get; init; }
    public double TopP { get; init; }
    public double PresencePenalty { get; init; }
    public double FrequencyPenalty { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public JsonElement? Tools { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public JsonElement? ToolChoice { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public JsonElement? ResponseFormat { get; init; }
}

/// <summary>A message that a stored completion answered to.</summary>
internal sealed record StoredMessage
{
    public required string Id { get; init; } // of the completion, with the message's place
    public required string Role { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public required string? Content { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Name { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public IReadOnlyList<string>? ContentParts { get; init; } // parts are joined when they come
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public string? Refusal { get; init; }
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
    public string? ToolCallId { get; init; }
}

/// <summary>The body of <c>POST /v1/chat/completions/{id}</c>.</summary>
internal sealed record StoredCompletionChange
{
    /// <summary>Replaces all of it; null takes it away.</summary>
    public Dictionary<string, string>? Metadata { get; init; }

    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; } // settable: the source generator asks for it

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public void Validate()
    {
        if (Unknown is { Count: > 0 })
            throw OpenAiException.UnknownParameter(Unknown.Keys.First());
        ChatCompletionValidator.ValidateMetadata(Metadata);
        if (Metadata?.GetValueOrDefault(StoredCompletionStore.RatingKey) is { } rating and not ("up" or "down"))
            throw OpenAiException.InvalidRequest(
                $"'metadata.rating' is '{rating}'; allowed: up, down. Leave it out to withdraw the rating.", "metadata.rating");
    }
}

/// <summary>Which stored completions a list shows.</summary>
internal sealed record StoredCompletionQuery(ListQuery Page, bool IsAscending, string? Model, IReadOnlyDictionary<string, string> Metadata);

/// <summary>The answer of <c>DELETE /v1/chat/completions/{id}</c>.</summary>
internal sealed record StoredCompletionDeleted(string Id)
{
    public string Object => "chat.completion.deleted";
    public bool Deleted => true;

    /// <summary>What becomes of what was learned from it (<c>GET /api/erasures/{id}</c>); absent where nothing was.</summary>
    public string? Erasure { get; init; }
}

/// <summary>JSON of the stored completions: OpenAI's rules, other null fields absent.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ListPage<StoredCompletion>))]
[JsonSerializable(typeof(ListPage<StoredMessage>))]
[JsonSerializable(typeof(StoredCompletionChange))]
[JsonSerializable(typeof(StoredCompletionDeleted))]
internal sealed partial class StoredCompletionJson : JsonSerializerContext
{
    public static StoredCompletionJson Wire => field ??= new(RelaxedJson.Like(Default.Options));
}
