namespace FineTuneChat.Native.Llama;

/// <summary>How positions beyond those of the training are made to fit.</summary>
public enum RopeScaling
{
    /// <summary>They are not.</summary>
    None = 0, // enum llama_rope_scaling_type

    /// <summary>All are divided by a factor.</summary>
    Linear = 1,

    /// <summary>YaRN (Peng et al. 2023, arXiv 2309.00071): only those of low frequencies.</summary>
    Yarn = 2,
}

/// <summary>
/// Rotary position embedding (RoPE), where it is not to be as the model's file says; null: as there. The model computes something else with each choice, so
/// engine, trainer and evaluation take the same.
/// </summary>
public sealed record RopeOptions
{
    private const float MinBase = 1, MaxBase = 1e12f, MinFactor = 1 / 1024f, MaxFactor = 1024;
    private const int MaxContext = 1 << 26;

    /// <summary>The kind of scaling.</summary>
    public RopeScaling? Scaling { get; init; }

    /// <summary>How many times longer the context becomes: positions are divided by it.</summary>
    public float? Factor { get; init; }

    /// <summary>Base of the rotation's frequencies.</summary>
    public float? FrequencyBase { get; init; }

    /// <summary>Tokens of context before scaling, for YaRN.</summary>
    public int? OriginalContext { get; init; }

    /// <summary>
    /// Tokens of context that one request may have, which decides between two sets of factors (see <c>RopeFactors</c>). Default 0: as many as the model was
    /// trained for.
    /// </summary>
    public int ServedContext { get; init; }

    /// <summary>Checks the values.</summary>
    /// <exception cref="LlamaException">One is out of range; the message says what is possible.</exception>
    public void Require()
    {
        if (Factor is { } factor && !(factor is >= MinFactor and <= MaxFactor))
            throw new LlamaException($"Positions cannot be divided by {factor}; {MinFactor} to {MaxFactor} are possible.");
        if (FrequencyBase is { } frequency && !(frequency is >= MinBase and <= MaxBase))
            throw new LlamaException($"{frequency} is no base of rotary frequencies; {MinBase} to {MaxBase} are possible.");
        if (OriginalContext is { } tokens && tokens is < 1 or > MaxContext)
            throw new LlamaException($"{tokens} tokens are no context of a training; 1 to {MaxContext} are possible.");
        if (ServedContext is < 0 or > MaxContext)
            throw new LlamaException($"No request can have {ServedContext} tokens; 0 to {MaxContext} are possible.");
    }
}
