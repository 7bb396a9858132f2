namespace FineTuneChat.Protocol.OpenAi;

/// <summary>Rules of a chat request that hold for any model: known parameters, ranges, roles. Throws on the first that is broken, naming it.</summary>
internal static class ChatCompletionValidator
{
    private const int MaxTopLogprobs = 20;
    private const int MaxGuidedTexts = 1000;
    private const int MaxMetadata = 16, MaxMetadataKey = 64, MaxMetadataValue = 512;
    private static readonly string[] ServiceTiers = ["auto", "default", "flex", "scale", "priority"];
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public static void Validate(ChatCompletionRequest request)
    {
        SamplingValidator.Validate(request);
        ValidateMessages(request.Messages);
        if (request is { BegunReply: not null, Messages.Count: 1 })
            throw OpenAiException.InvalidRequest("A reply can go on with an assistant's message that answers another; this one stands alone.", "messages");
        SamplingValidator.Range("max_completion_tokens", request.MaxCompletionTokens, 1, int.MaxValue);
        SamplingValidator.Range("top_logprobs", request.TopLogprobs, 0, MaxTopLogprobs);
        if (request.TopLogprobs is not null && request.Logprobs != true)
            throw OpenAiException.InvalidRequest("'top_logprobs' needs 'logprobs': true.", "top_logprobs");
        if (request.ServiceTier is { } tier && !ServiceTiers.Contains(tier))
            throw OpenAiException.InvalidRequest($"'service_tier' is '{tier}'; allowed: {string.Join(", ", ServiceTiers)}.", "service_tier");
        if (request.Modalities?.FirstOrDefault(modality => modality != "text") is { } modality)
            throw OpenAiException.UnsupportedParameter("modalities", $"'{modality}' cannot be written; this server replies with text.");
        if (request.GuidedChoice is { } texts && (texts.Count is 0 or > MaxGuidedTexts || texts.Any(text => string.IsNullOrEmpty(text))))
            throw OpenAiException.InvalidRequest($"'guided_choice' takes 1 to {MaxGuidedTexts} texts, none of them empty.", "guided_choice");
        if (request.Prediction is { } prediction && (prediction.Type is not "content" || prediction.Content is null))
            throw OpenAiException.InvalidRequest("'prediction' must be {\"type\":\"content\",\"content\":\"…\"}.", "prediction");
        Truncations.Validate(request.Truncation);
        ValidateMetadata(request.Metadata);
    }

    /// <exception cref="OpenAiException">400: there are none, or one of them is not whole.</exception>
    public static void ValidateMessages(IReadOnlyList<RequestMessage>? messages)
    {
        if (messages is null)
            throw OpenAiException.MissingParameter("messages");
        if (messages.Count == 0)
            throw OpenAiException.InvalidRequest("'messages' must hold at least one message.", "messages", "empty_array");
        for (int i = 0; i < messages.Count; i++)
        {
            RequestMessage message = messages[i] ?? throw OpenAiException.InvalidRequest($"'messages[{i}]' is null.", $"messages[{i}]");
            if (message.Role is null)
                throw OpenAiException.MissingParameter($"messages[{i}].role");
            if (!Roles.Contains(message.Role))
                throw OpenAiException.InvalidRequest($"'messages[{i}].role' is '{message.Role}'; allowed: {string.Join(", ", Roles)}.", $"messages[{i}].role");
            if (message.Content is null && message is not { Role: "assistant", ToolCalls.Count: > 0 } and not { Role: "assistant", Refusal: not null })
                throw OpenAiException.MissingParameter($"messages[{i}].content");
            if (message.Role == "tool" && message.ToolCallId is null)
                throw OpenAiException.MissingParameter($"messages[{i}].tool_call_id", ": the id of the call that this result answers");
            if (message.ToolCalls?.Any(call => call?.Function?.Name is null) == true)
                throw OpenAiException.InvalidRequest(
                    $"'messages[{i}].tool_calls' must hold calls with a function's name and arguments.", $"messages[{i}].tool_calls");
        }
    }

    public static void ValidateMetadata(IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null)
            return;
        if (metadata.Count > MaxMetadata || metadata.Any(m => m.Key.Length > MaxMetadataKey || m.Value is null || m.Value.Length > MaxMetadataValue))
            throw OpenAiException.InvalidRequest(
                $"'metadata' takes up to {MaxMetadata} pairs: keys of up to {MaxMetadataKey}, values of up to {MaxMetadataValue} characters.", "metadata");
    }
}
