namespace FineTuneChat.Gguf.Conversion.Architectures;

/// <summary>Qwen 2 and 2.5: biases of queries, keys and values.</summary>
internal static class Qwen2
{
    public static HuggingFaceArchitecture Description { get; } = new("qwen2")
    {
        ClassNames = ["Qwen2ForCausalLM"],
        Biases = ["attn_q", "attn_k", "attn_v"],
        Defaults = new Dictionary<string, double> { ["rms_norm_eps"] = 1e-6 },
        Describe = (config, _, _) => RequireNoWindow(config),
    };

    /// <summary>Qwen has windows that it does not use; a model that uses them computes something else here.</summary>
    internal static void RequireNoWindow(ModelConfig config)
    {
        if (config.Flag("use_sliding_window") == true)
            throw config.Unsupported("\"use_sliding_window\" is true");
    }
}
