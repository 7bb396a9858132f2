using System.Globalization;
using System.Text;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>Ranges of the parameters that requests for text have in common. Native code gets only what has passed here.</summary>
internal static class SamplingValidator
{
    private const int MaxChoices = 128;
    private const int MaxStops = 4, MaxStopLength = 1000; // characters; each token is compared with the beginnings of all
    private const int MaxWindow = 1 << 16; // tokens that penalties look back
    private const int MaxBreakers = 16, MaxBreakerBytes = 40; // llama.cpp cuts longer ones

    /// <exception cref="OpenAiException">400, with the parameter and what is allowed.</exception>
    public static void Validate(SamplingRequest request)
    {
        IgnoredParameters.RefuseOthers(request.Unknown);
        IgnoredParameters.RefuseOthersOfStream(request.StreamOptions?.Unknown);

        Range("temperature", request.Temperature, 0, 2);
        Range("top_p", request.TopP, 0, 1);
        Range("top_k", request.TopK, 0, int.MaxValue); // 0 = all tokens
        Range("min_p", request.MinP, 0, 1);
        Range("typical_p", request.TypicalP, 0, 1);
        Range("presence_penalty", request.PresencePenalty, -2, 2);
        Range("frequency_penalty", request.FrequencyPenalty, -2, 2);
        Range("repetition_penalty", request.RepetitionPenalty, 0.01, 10);
        Range("repeat_penalty", request.RepeatPenalty, 0.01, 10);
        Range("repeat_last_n", request.RepeatLastN, 0, MaxWindow);
        Range("dry_multiplier", request.DryMultiplier, 0, 100); // 0 = off
        Range("dry_base", request.DryBase, 1, 100);
        Range("dry_allowed_length", request.DryAllowedLength, 0, MaxWindow);
        Range("dry_penalty_last_n", request.DryPenaltyLastN, 0, MaxWindow);
        Range("xtc_probability", request.XtcProbability, 0, 1);
        Range("xtc_threshold", request.XtcThreshold, 0, 1);
        Range("mirostat", request.Mirostat, 0, 2); // 0 = off
        Range("mirostat_tau", request.MirostatTau, 0.01, 100);
        Range("mirostat_eta", request.MirostatEta, 0, 1);
        Range("max_tokens", request.MaxTokens, 1, int.MaxValue);
        Range("n", request.N, 1, MaxChoices);
        Range("speculative.n_max", request.SpeculativeNMax, 0, int.MaxValue);
        if (request.StreamOptions is not null && request.Stream != true)
            throw OpenAiException.InvalidRequest("'stream_options' needs 'stream': true.", "stream_options");
        if (request.Stop is { Count: > MaxStops })
            throw OpenAiException.InvalidRequest($"'stop' takes up to {MaxStops} strings.", "stop", "array_above_max_length");
        if (request.Stop is { } stops && (stops.Any(s => s.Length is 0 or > MaxStopLength)))
            throw OpenAiException.InvalidRequest(
                $"'stop' takes up to {MaxStops} strings, none of them empty or longer than {MaxStopLength} characters.", "stop");
        if (request.DrySequenceBreakers is { } breakers && (breakers.Count > MaxBreakers || breakers.Any(b => !IsBreaker(b))))
            throw OpenAiException.InvalidRequest(
                $"'dry_sequence_breakers' takes up to {MaxBreakers} strings of 1 to {MaxBreakerBytes} bytes.", "dry_sequence_breakers");
        ValidateLogitBias(request.LogitBias);
    }

    /// <exception cref="OpenAiException">400: the value is given and outside.</exception>
    public static void Range(string name, double? value, double low, double high) => Range(name, value, low, high, "decimal");

    /// <exception cref="OpenAiException">400: the value is given and outside.</exception>
    public static void Range(string name, int? value, int low, int high) => Range(name, value, low, high, "integer");

    private static void Range(string name, double? value, double low, double high, string kind)
    {
        if (value is { } v && !(v >= low && v <= high))
            throw OpenAiException.InvalidRequest(string.Create(CultureInfo.InvariantCulture, $"'{name}' is {v}; it must be {Bounds(low, high)}."), name,
                v > high ? $"{kind}_above_max_value" : $"{kind}_below_min_value");
    }

    private static string Bounds(double low, double high) =>
        high >= int.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"at least {low}")
            : string.Create(CultureInfo.InvariantCulture, $"from {low} to {high}");

    private static bool IsBreaker(string? text) => text is { Length: > 0 } && !text.Contains('\0') && Encoding.UTF8.GetByteCount(text) <= MaxBreakerBytes;

    private static void ValidateLogitBias(IReadOnlyDictionary<string, double>? bias)
    {
        foreach ((string token, double value) in bias ?? new Dictionary<string, double>())
        {
            if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                throw OpenAiException.InvalidRequest($"'logit_bias' is keyed by token ids; '{token}' is none.", "logit_bias");
            Range("logit_bias", value, -100, 100);
        }
    }
}
