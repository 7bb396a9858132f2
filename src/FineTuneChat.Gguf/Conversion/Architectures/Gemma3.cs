using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Architectures;

/// <summary>Gemma 3: windows in five of six layers, with a rope of their own; norms of queries and keys. Of models that see, the text part is taken.</summary>
internal static class Gemma3
{
    private const int ScaledByWidth = 62; // layers of the 27B
    private const int UsualPeriod = 6;

    public static HuggingFaceArchitecture Description { get; } = new("gemma3")
    {
        ClassNames = ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"],
        HeadNorms = true,
        PostNorms = true,
        NormsLessOne = true,
        Activation = "gelu_pytorch_tanh",
        IsTiedByDefault = true,
        Defaults = new Dictionary<string, double>
        {
            ["rms_norm_eps"] = 1e-6, ["head_dim"] = 256, ["num_attention_heads"] = 8, ["num_key_value_heads"] = 4, ["max_position_embeddings"] = 131_072,
            ["sliding_window"] = 4096, ["rope_theta"] = 1_000_000, ["query_pre_attn_scalar"] = 256,
        },
        Describe = (config, sizes, metadata) =>
        {
            Gemma2.RequireScale(config, sizes, ScaledByWidth);
            if (config.Find("attn_logit_softcapping") is not null)
                throw config.Unsupported("\"attn_logit_softcapping\" is set");
            if (config.Number("final_logit_softcapping", 0, float.MaxValue) is { } cap)
                metadata.Set("gemma3.final_logit_softcapping", cap);
            int period = Period(config, sizes.Layers);
            if (period != 1)
                metadata.Set("gemma3.attention.sliding_window", (uint)config.Integer("sliding_window", 1, int.MaxValue));
            if (period is not (1 or UsualPeriod))
                metadata.Set("gemma3.attention.sliding_window_pattern", (uint)period);
        },
    };

    /// <summary>Every n-th layer sees all.</summary>
    private static int Period(ModelConfig config, int layers)
    {
        if (config.Find("layer_types") is not { ValueKind: JsonValueKind.Array } types)
            return config.Optional("sliding_window_pattern", 1, int.MaxValue) ?? UsualPeriod;
        bool[] full = [.. types.EnumerateArray().Select(t => t.ValueEquals("full_attention"))];
        int first = Array.IndexOf(full, true), period = first >= 0 ? first + 1 : Math.Max(UsualPeriod, layers + 1);
        return full.Length == layers && full.Select((isFull, i) => isFull == ((i + 1) % period == 0)).All(fits => fits)
            ? period
            : throw config.Unsupported("\"layer_types\" repeat in no fixed period");
    }
}
