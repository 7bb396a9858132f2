using System.Globalization;

namespace FineTuneChat.OpenAi;

/// <summary>Rules of a chat request that hold for any model: known parameters, ranges, roles. Throws on the first that is broken, naming it.</summary>
internal static class ChatCompletionValidator
{
    private const int MaxStops = 4;
    private const int MaxTopLogprobs = 20;
    private const int MaxMetadata = 16, MaxMetadataKey = 64, MaxMetadataValue = 512;
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public static void Validate(ChatCompletionRequest request)
    {
        if (request.Unknown is { Count: > 0 } unknown)
            throw OpenAiException.UnknownParameter(unknown.Keys.First());
        ValidateMessages(request.Messages);

        Range("temperature", request.Temperature, 0, 2);
        Range("top_p", request.TopP, 0, 1);
        Range("min_p", request.MinP, 0, 1);
        Range("typical_p", request.TypicalP, 0, 1);
        Range("presence_penalty", request.PresencePenalty, -2, 2);
        Range("frequency_penalty", request.FrequencyPenalty, -2, 2);
        Range("repetition_penalty", request.RepetitionPenalty ?? request.RepeatPenalty, 0.01, 10);
        Range("top_k", request.TopK, 0, int.MaxValue); // 0 = all tokens
        Range("max_tokens", request.MaxTokens, 1, int.MaxValue);
        Range("max_completion_tokens", request.MaxCompletionTokens, 1, int.MaxValue);
        Range("n", request.N, 1, 128);
        Range("top_logprobs", request.TopLogprobs, 0, MaxTopLogprobs);
        if (request.TopLogprobs is not null && request.Logprobs != true)
            throw OpenAiException.InvalidRequest("'top_logprobs' needs 'logprobs': true.", "top_logprobs");
        if (request.StreamOptions is not null && request.Stream != true)
            throw OpenAiException.InvalidRequest("'stream_options' needs 'stream': true.", "stream_options");
        if (request.Stop is { } stops && (stops.Count > MaxStops || stops.Any(s => s.Length == 0)))
            throw OpenAiException.InvalidRequest($"'stop' takes up to {MaxStops} strings, none of them empty.", "stop");
        if (request.ServiceTier is not (null or "auto" or "default"))
            throw OpenAiException.InvalidRequest("'service_tier' must be 'auto' or 'default'.", "service_tier");
        ValidateLogitBias(request.LogitBias);
        ValidateMetadata(request.Metadata);
    }

    private static void ValidateMessages(IReadOnlyList<RequestMessage>? messages)
    {
        if (messages is not { Count: > 0 })
            throw OpenAiException.InvalidRequest("'messages' must hold at least one message.", "messages");
        for (int i = 0; i < messages.Count; i++)
        {
            RequestMessage message = messages[i] ?? throw OpenAiException.InvalidRequest($"'messages[{i}]' is null.", $"messages[{i}]");
            if (!Roles.Contains(message.Role))
                throw OpenAiException.InvalidRequest($"'messages[{i}].role' is '{message.Role}'; allowed: {string.Join(", ", Roles)}.", $"messages[{i}].role");
            if (message.Content is null && message is not { Role: "assistant", ToolCalls.Count: > 0 } and not { Role: "assistant", Refusal: not null })
                throw OpenAiException.InvalidRequest($"'messages[{i}].content' is missing.", $"messages[{i}].content");
        }
    }

    private static void ValidateLogitBias(IReadOnlyDictionary<string, double>? bias)
    {
        foreach ((string token, double value) in bias ?? new Dictionary<string, double>())
        {
            if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                throw OpenAiException.InvalidRequest($"'logit_bias' is keyed by token ids; '{token}' is none.", "logit_bias");
            Range("logit_bias", value, -100, 100);
        }
    }

    private static void ValidateMetadata(IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null)
            return;
        if (metadata.Count > MaxMetadata || metadata.Any(m => m.Key.Length > MaxMetadataKey || m.Value is null || m.Value.Length > MaxMetadataValue))
            throw OpenAiException.InvalidRequest($"'metadata' takes up to {MaxMetadata} pairs: keys of up to {MaxMetadataKey}, values of up to {MaxMetadataValue} characters.", "metadata");
    }

    private static void Range(string name, double? value, double low, double high)
    {
        if (value is { } v && !(v >= low && v <= high))
            throw OpenAiException.InvalidRequest(string.Create(CultureInfo.InvariantCulture, $"'{name}' is {v}; it must be {Bounds(low, high)}."), name);
    }

    private static string Bounds(double low, double high) =>
        high >= int.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"at least {low}") : string.Create(CultureInfo.InvariantCulture, $"from {low} to {high}");
}
