using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>
/// Rotary positions, and how they are stretched for contexts longer than those of the first training: entries and tensors of the GGUF file.
/// Newer configurations say it in <c>rope_parameters</c>, older ones in <c>rope_theta</c> and <c>rope_scaling</c>.
/// </summary>
internal sealed class RopeConversion
{
    private const float Most = 1e12f, UsualBase = 10_000;
    private const int MostContext = 1 << 28;

    private readonly ModelConfig _config;
    private readonly ModelSizes _sizes;
    private readonly JsonElement _scaling;
    private readonly float _base;
    private readonly int _rotated;

    public RopeConversion(ModelConfig config, ModelSizes sizes)
    {
        (_config, _sizes) = (config, sizes);
        JsonElement given = config.Find("rope_parameters") ?? config.Find("rope_scaling") ?? default;
        _scaling = given.Find("full_attention") ?? given;
        _base = Scaled("rope_theta", 1e-3f, Most) ?? config.Number("rope_theta", 1e-3f, Most) ?? UsualBase;
        _rotated = (int)((Scaled("partial_rotary_factor", 0, 1) ?? config.Number("partial_rotary_factor", 0, 1) ?? 1) * sizes.HeadWidth);
        if (_rotated != sizes.HeadWidth && config.Architecture.PermutesHeads)
            throw config.Unsupported($"only {_rotated} of a head's {sizes.HeadWidth} numbers are rotated");
        Set("dimension_count", (uint)_rotated);
        Set("freq_base", _base);
        if ((given.Find("sliding_attention") is { } windowed ? (float?)windowed.Number("rope_theta") : config.Number("rope_local_base_freq", 1e-3f, Most))
            is { } local)
            Set("freq_base_swa", local);
        Stretch();
    }

    /// <summary>Entries without the architecture's prefix.</summary>
    public Dictionary<string, object> Entries { get; } = [];

    /// <summary>Divisors of frequencies, by the names of their tensors.</summary>
    public Dictionary<string, float[]> Factors { get; } = [];

    /// <summary>What llama.cpp leaves out; null: nothing.</summary>
    public string? Note { get; private set; }

    private int FirstContext => (int)(Scaled("original_max_position_embeddings", 1, MostContext)
        ?? _config.Number("original_max_position_embeddings", 1, MostContext) ?? _sizes.Context);

    private void Stretch()
    {
        string kind = (_scaling.Text("rope_type") ?? _scaling.Text("type") ?? "default").ToLowerInvariant();
        if (kind == "su")
            kind = "longrope";
        if (kind is not ("default" or "linear" or "yarn" or "dynamic") && !_config.Architecture.RopeScalings.Contains(kind))
            throw _config.Unsupported($"positions are scaled by '{kind}'");
        switch (kind)
        {
            case "linear": Linear(); break;
            case "yarn": Yarn(); break;
            case "llama3": Factors["rope_freqs.weight"] = Llama3(); break;
            case "longrope": LongRope(); break;
            case "dynamic": Note = $"Positions beyond {FirstContext} are not stretched: llama.cpp has no dynamic scaling."; break;
        }
    }

    private void Linear()
    {
        Set("scaling.type", "linear");
        Set("scaling.factor", Needed("factor"));
    }

    /// <summary>
    /// Peng et al. 2023, arXiv 2309.00071. llama.cpp multiplies scores by 1 + 0.1·ln(factor) as the paper does; a model that asks for something else
    /// has the quotient in <c>attn_factor</c>.
    /// </summary>
    private void Yarn()
    {
        float factor = Needed("factor");
        Set("scaling.type", "yarn");
        Set("scaling.factor", factor);
        Set("scaling.original_context_length", (uint)FirstContext);
        foreach (var (key, entry) in new[]
        {
            ("extrapolation_factor", "yarn_ext_factor"), ("attention_factor", "yarn_attn_factor"), ("beta_fast", "yarn_beta_fast"),
            ("beta_slow", "yarn_beta_slow"),
        })
        {
            if (Scaled(key, -Most, Most) is { } value)
                Set("scaling." + entry, value);
        }

        if (Scaled("attention_factor", 0, Most) is { } magnitude)
            Set("scaling.attn_factor", magnitude / (1 + (0.1f * MathF.Log(MathF.Max(1, factor)))));
        if (Scaled("beta_fast", -Most, Most) is not (null or 32) || Scaled("beta_slow", -Most, Most) is not (null or 1))
            Note = "llama.cpp mixes frequencies between 32 and 1 rotations, whatever beta_fast and beta_slow say.";
    }

    /// <summary>Llama 3.1: low frequencies are divided by the factor, high ones left, those between mixed.</summary>
    private float[] Llama3()
    {
        float factor = Needed("factor"), low = Needed("low_freq_factor"), high = Needed("high_freq_factor");
        if (high <= low)
            throw _config.Fault($"high_freq_factor is {high}, which is not above low_freq_factor, {low}");
        var divisors = new float[_rotated / 2];
        for (int i = 0; i < divisors.Length; i++)
        {
            float wavelength = 2 * MathF.PI * MathF.Pow(_base, 2f * i / _rotated), rotations = FirstContext / wavelength;
            float share = (rotations - low) / (high - low);
            divisors[i] = rotations > high ? 1 : rotations < low ? factor : 1 / (((1 - share) / factor) + share);
        }

        return divisors;
    }

    /// <summary>Ding et al. 2024, arXiv 2402.13753: two sets of divisors, for contexts up to that of the first training and beyond.</summary>
    private void LongRope()
    {
        Factors["rope_factors_long.weight"] = Divisors("long_factor");
        Factors["rope_factors_short.weight"] = Divisors("short_factor");
        float scale = (float)_sizes.Context / FirstContext;
        Set("scaling.attn_factor", scale > 1 ? MathF.Sqrt(1 + (MathF.Log(scale) / MathF.Log(FirstContext))) : 1f);
    }

    private float[] Divisors(string key)
    {
        float[] divisors = [.. _scaling.List(key).Select(n => n.ValueKind == JsonValueKind.Number && n.TryGetSingle(out float value) ? value : float.NaN)];
        return divisors.Length == _rotated / 2 && divisors.All(d => d is > 0 and < Most)
            ? divisors
            : throw _config.Fault($"{key} has {divisors.Length} entries; {_rotated / 2} positive numbers are needed");
    }

    private float Needed(string key) => Scaled(key, float.Epsilon, Most) ?? throw _config.Fault($"its rope scaling lacks \"{key}\", a positive number");

    private float? Scaled(string key, float least, float most)
    {
        if (_scaling.Number(key) is not { } value)
            return null;
        return value >= least && value <= most ? (float)value : throw _config.Fault($"its rope scaling's \"{key}\" is {value}; {least} to {most} is allowed");
    }

    private void Set(string key, object value) => Entries["rope." + key] = value;
}
