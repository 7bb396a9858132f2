namespace FineTuneChat.Inference;

/// <summary>How the next token is picked. The steps run in this order: logit bias, penalties, top-k, typical, top-p, min-p, temperature.</summary>
public sealed record SamplingParameters
{
    /// <summary>0 = always the likeliest token; 1 = the model's own distribution; higher is wilder. Default: 0.8.</summary>
    public float Temperature { get; init; } = 0.8f;

    /// <summary>Number of likeliest tokens to choose from; 0 = all. Default: 40.</summary>
    public int TopK { get; init; } = 40;

    /// <summary>Likeliest tokens that together reach this probability, 0 to 1; 1 = all. Default: 0.95.</summary>
    public float TopP { get; init; } = 0.95f;

    /// <summary>Least probability relative to the likeliest token's, 0 to 1; 0 = off. Default: 0.05.</summary>
    public float MinP { get; init; } = 0.05f;

    /// <summary>Locally typical sampling, 0 to 1; 1 = off. Default: 1.</summary>
    public float TypicalP { get; init; } = 1;

    /// <summary>Factor against tokens of the last <see cref="RepetitionWindow"/> tokens, prompt included; 1 = off. Default: 1.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Number of last tokens that <see cref="RepetitionPenalty"/> looks at. Default: 64.</summary>
    public int RepetitionWindow { get; init; } = 64;

    /// <summary>Subtracted from the logit of a token for each time the reply holds it, -2 to 2; 0 = off. Default: 0.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted once from the logit of each token of the reply, -2 to 2; 0 = off. Default: 0.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Added to the logits of tokens, by id; -100 and 100 amount to never and always. Default: none.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Never pick a token that ends the reply. Default: false.</summary>
    public bool IgnoreEndOfGeneration { get; init; }

    /// <summary>The same seed, prompt and batch give the same reply. Default: 0.</summary>
    public uint Seed { get; init; }
}
