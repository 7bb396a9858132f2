namespace FineTuneChat.Inference;

/// <summary>How the next token is picked. The steps run in this order: logit bias, penalties, DRY, top-k, typical, top-p, min-p, XTC, temperature.</summary>
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

    /// <summary>Against repeating stretches of text; null = off. Default: off.</summary>
    public DrySampling? Dry { get; init; }

    /// <summary>Chance that XTC drops the likeliest tokens, 0 to 1; 0 = off. Default: 0.</summary>
    public float XtcProbability { get; init; }

    /// <summary>XTC drops tokens that are likelier than this, all but the least likely of them, 0 to 0.5. Default: 0.1.</summary>
    public float XtcThreshold { get; init; } = 0.1f;

    /// <summary>Holds the surprise of the text near a target, in place of all steps from top-k to XTC; null = off. Default: off.</summary>
    public MirostatSampling? Mirostat { get; init; }

    /// <summary>Added to the logits of tokens, by id; -100 and 100 amount to never and always. Default: none.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Never pick a token that ends the reply. Default: false.</summary>
    public bool IgnoreEndOfGeneration { get; init; }

    /// <summary>
    /// What the reply must be, in llama.cpp's notation with <c>root</c> as the first rule; null = anything. Control tokens but
    /// <see cref="Markers"/> are not part of it.
    /// Only text that this program made: llama.cpp's reader trusts its input. Default: null.
    /// </summary>
    public string? Grammar { get; init; }

    /// <summary>Control tokens that are part of the reply's text here, with their bytes. Default: none.</summary>
    public IReadOnlyDictionary<int, byte[]> Markers { get; init; } = new Dictionary<int, byte[]>();

    /// <summary>The same seed, prompt and batch give the same reply. Of several replies to one request each next one adds 1. Default: 0.</summary>
    public uint Seed { get; init; }
}

/// <summary>
/// DRY: a token that would go on with what stands in the text already loses Multiplier · Growth ^ (length of the repetition −
/// AllowedLength).
/// </summary>
public sealed record DrySampling
{
    /// <summary>Strength, above 0. Default: 0.8.</summary>
    public float Multiplier { get; init; } = 0.8f;

    /// <summary>How fast the penalty grows, at least 1. Default: 1.75.</summary>
    public float Growth { get; init; } = 1.75f;

    /// <summary>Tokens that may repeat freely. Default: 2.</summary>
    public int AllowedLength { get; init; } = 2;

    /// <summary>Number of last tokens that it looks at, prompt included, at least 1. Default: 64.</summary>
    public int Window { get; init; } = 64;

    /// <summary>Texts that no repetition reaches across. Default: line break, colon, quotation mark, asterisk.</summary>
    public IReadOnlyList<string> Breakers { get; init; } = ["\n", ":", "\"", "*"];
}

/// <summary>Mirostat sampling.</summary>
public sealed record MirostatSampling
{
    /// <summary>1 or 2. Default: 2.</summary>
    public int Version { get; init; } = 2;

    /// <summary>Surprise to aim at, in bits per token, above 0. Default: 5.</summary>
    public float Tau { get; init; } = 5;

    /// <summary>How fast it corrects itself, 0 to 1. Default: 0.1.</summary>
    public float Eta { get; init; } = 0.1f;
}
