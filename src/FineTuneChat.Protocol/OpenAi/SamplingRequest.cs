using System.Text.Json;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>What requests for text have in common: OpenAI's parameters plus llama-server's sampling ones. Null = not given.</summary>
internal abstract record SamplingRequest
{
    public string? Model { get; init; }

    // Length and stopping.
    public int? MaxTokens { get; init; }
    [JsonConverter(typeof(StopConverter)), WireType(typeof(string), typeof(string[]))] public IReadOnlyList<string>? Stop { get; init; }
    public bool? IgnoreEos { get; init; }

    // Sampling.
    public double? Temperature { get; init; }
    public double? TopP { get; init; }
    public int? TopK { get; init; }
    public double? MinP { get; init; }
    public double? TypicalP { get; init; }
    public double? PresencePenalty { get; init; }
    public double? FrequencyPenalty { get; init; }
    public double? RepetitionPenalty { get; init; }
    public double? RepeatPenalty { get; init; } // llama-server's name of the same
    public int? RepeatLastN { get; init; }
    public double? DryMultiplier { get; init; }
    public double? DryBase { get; init; }
    public int? DryAllowedLength { get; init; }
    public int? DryPenaltyLastN { get; init; }
    public IReadOnlyList<string>? DrySequenceBreakers { get; init; }
    public double? XtcProbability { get; init; }
    public double? XtcThreshold { get; init; }
    public int? Mirostat { get; init; }
    public double? MirostatTau { get; init; }
    public double? MirostatEta { get; init; }
    public long? Seed { get; init; }
    public IReadOnlyDictionary<string, double>? LogitBias { get; init; }
    public int? N { get; init; }
    public bool? CachePrompt { get; init; } // llama-server's; off = compute every token anew

    /// <summary>llama-server's: most tokens that are guessed and computed ahead at a time; 0 = none.</summary>
    [JsonPropertyName("speculative.n_max")] public int? SpeculativeNMax { get; init; }

    // Form of the reply.
    public bool? Stream { get; init; }
    public StreamOptions? StreamOptions { get; init; }

    // Note of the caller, without effect on the reply.
    public string? User { get; init; }

    /// <summary>Parameters that this server does not know: each is an error, none is ignored.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record StreamOptions
{
    public bool? IncludeUsage { get; init; }
    public bool? IncludeObfuscation { get; init; } // padding against eavesdroppers: accepted, without effect
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}
