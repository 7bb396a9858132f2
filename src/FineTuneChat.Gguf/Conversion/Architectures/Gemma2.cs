namespace FineTuneChat.Gguf.Conversion.Architectures;

/// <summary>Gemma 2: windows in every other layer, soft caps of scores and logits, norms stored less one.</summary>
internal static class Gemma2
{
    private const int ScaledByWidth = 46; // layers of the 27B

    public static HuggingFaceArchitecture Description { get; } = new("gemma2")
    {
        ClassNames = ["Gemma2ForCausalLM"],
        PostNorms = true,
        NormsLessOne = true,
        Activation = "gelu_pytorch_tanh",
        IsTiedByDefault = true,
        Defaults = new Dictionary<string, double>
        {
            ["rms_norm_eps"] = 1e-6, ["head_dim"] = 256, ["max_position_embeddings"] = 8192, ["sliding_window"] = 4096, ["attn_logit_softcapping"] = 50,
            ["final_logit_softcapping"] = 30, ["query_pre_attn_scalar"] = 256,
        },
        Describe = (config, sizes, metadata) =>
        {
            RequireScale(config, sizes, ScaledByWidth);
            metadata.Set("gemma2.attention.sliding_window", (uint)config.Integer("sliding_window", 1, int.MaxValue));
            metadata.Set("gemma2.attn_logit_softcapping", config.Number("attn_logit_softcapping", 0, float.MaxValue)!.Value);
            metadata.Set("gemma2.final_logit_softcapping", config.Number("final_logit_softcapping", 0, float.MaxValue)!.Value);
        },
    };

    /// <summary>llama.cpp knows the divisor of scores by the number of layers: of one size it is width / heads, of others the heads' width.</summary>
    internal static void RequireScale(ModelConfig config, ModelSizes sizes, int scaledByWidth)
    {
        float scalar = config.Number("query_pre_attn_scalar", 0, float.MaxValue) ?? sizes.HeadWidth;
        int computed = sizes.Layers == scaledByWidth ? sizes.Width / sizes.Heads : sizes.HeadWidth;
        if (scalar != computed)
            throw config.Unsupported($"\"query_pre_attn_scalar\" is {scalar}, not {computed}");
    }
}
