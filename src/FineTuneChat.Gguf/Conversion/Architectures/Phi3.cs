namespace FineTuneChat.Gguf.Conversion.Architectures;

/// <summary>Phi-3, 3.5 and 4: fused matrices, long and short frequency factors. llama.cpp does not use its sliding window.</summary>
internal static class Phi3
{
    public static HuggingFaceArchitecture Description { get; } = new("phi3")
    {
        ClassNames = ["Phi3ForCausalLM"],
        IsFused = true,
        RopeScalings = ["longrope"],
        Defaults = new Dictionary<string, double> { ["rms_norm_eps"] = 1e-5 },
        Describe = (config, sizes, metadata) =>
        {
            metadata.Set("phi3.attention.sliding_window", (uint)(config.Optional("sliding_window", 0, int.MaxValue) ?? 0));
            metadata.Set("phi3.rope.scaling.original_context_length",
                (uint)(config.Optional("original_max_position_embeddings", 1, int.MaxValue) ?? sizes.Context));
        },
    };
}
