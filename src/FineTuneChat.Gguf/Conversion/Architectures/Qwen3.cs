namespace FineTuneChat.Gguf.Conversion.Architectures;

/// <summary>Qwen 3: norms of queries and keys.</summary>
internal static class Qwen3
{
    public static HuggingFaceArchitecture Description { get; } = new("qwen3")
    {
        ClassNames = ["Qwen3ForCausalLM"],
        HeadNorms = true,
        Biases = ["attn_q", "attn_k", "attn_v"],
        Defaults = new Dictionary<string, double> { ["rms_norm_eps"] = 1e-6, ["head_dim"] = 128 },
        Describe = (config, _, _) => Qwen2.RequireNoWindow(config),
    };
}
