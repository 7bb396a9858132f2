using System.Globalization;
using System.Security.Cryptography;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Completions;

/// <summary>
/// From the wire to the engine: OpenAI's names and types become sampling parameters and messages. Pure, but for the seed of requests that
/// give none.
/// </summary>
internal static class RequestMapper
{
    /// <param name="request">A validated request.</param>
    /// <param name="defaults">The model's sampling.</param>
    /// <param name="vocabularySize">Token ids of <c>logit_bias</c> must be below it.</param>
    /// <exception cref="OpenAiException">400: a parameter that this server does not support, or a token id that does not exist.</exception>
    public static SamplingParameters Sampling(SamplingRequest request, SamplingParameters defaults, int vocabularySize) => defaults with
    {
        Temperature = (float?)request.Temperature ?? defaults.Temperature,
        TopK = request.TopK ?? defaults.TopK,
        TopP = (float?)request.TopP ?? defaults.TopP,
        MinP = (float?)request.MinP ?? defaults.MinP,
        TypicalP = (float?)request.TypicalP ?? defaults.TypicalP,
        RepetitionPenalty = (float?)(request.RepetitionPenalty ?? request.RepeatPenalty) ?? defaults.RepetitionPenalty,
        RepetitionWindow = request.RepeatLastN ?? defaults.RepetitionWindow,
        FrequencyPenalty = (float?)request.FrequencyPenalty ?? defaults.FrequencyPenalty,
        PresencePenalty = (float?)request.PresencePenalty ?? defaults.PresencePenalty,
        Dry = Dry(request),
        XtcProbability = (float?)request.XtcProbability ?? defaults.XtcProbability,
        XtcThreshold = (float?)request.XtcThreshold ?? defaults.XtcThreshold,
        Mirostat = Mirostat(request),
        LogitBias = LogitBias(request.LogitBias, vocabularySize),
        IgnoreEndOfGeneration = request.IgnoreEos ?? false,
        Seed = request.Seed is { } seed ? (uint)(seed ^ (seed >> 32)) : (uint)RandomNumberGenerator.GetInt32(int.MaxValue),
    };

    public static IReadOnlyList<ChatMessage> Messages(IReadOnlyList<RequestMessage> messages) => [.. messages.Select(Message)];

    private static ChatMessage Message(RequestMessage message)
    {
        ChatRoles.TryParse(message.Role, out ChatRole role);
        return new ChatMessage(role, message.Content ?? message.Refusal)
        {
            Name = message.Name,
            Reasoning = message.ReasoningContent,
            ToolCallId = message.ToolCallId,
            ToolCalls = [.. (message.ToolCalls ?? []).Select(
                call => new ChatToolCall(call.Id ?? "", call.Function?.Name ?? "", call.Function?.Arguments ?? ""))],
        };
    }

    private static DrySampling? Dry(SamplingRequest request)
    {
        var fallback = new DrySampling();
        if (request.DryMultiplier is null or 0 || request.DryPenaltyLastN == 0)
            return null;
        return new()
        {
            Multiplier = (float)request.DryMultiplier,
            Growth = (float?)request.DryBase ?? fallback.Growth,
            AllowedLength = request.DryAllowedLength ?? fallback.AllowedLength,
            Window = request.DryPenaltyLastN ?? fallback.Window,
            Breakers = request.DrySequenceBreakers ?? fallback.Breakers,
        };
    }

    private static MirostatSampling? Mirostat(SamplingRequest request)
    {
        var fallback = new MirostatSampling();
        return request.Mirostat is null or 0
            ? null
            : new() { Version = request.Mirostat.Value, Tau = (float?)request.MirostatTau ?? fallback.Tau, Eta = (float?)request.MirostatEta ?? fallback.Eta };
    }

    private static Dictionary<int, float> LogitBias(IReadOnlyDictionary<string, double>? wire, int vocabularySize)
    {
        var bias = new Dictionary<int, float>();
        foreach ((string key, double value) in wire ?? new Dictionary<string, double>())
        {
            int token = int.Parse(key, CultureInfo.InvariantCulture);
            if (token >= vocabularySize)
                throw OpenAiException.InvalidRequest($"'logit_bias' names token {token}; this model's tokens run from 0 to {vocabularySize - 1}.",
                    "logit_bias");
            bias[token] = (float)value;
        }

        return bias;
    }
}
