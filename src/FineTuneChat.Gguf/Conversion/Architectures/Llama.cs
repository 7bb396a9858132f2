namespace FineTuneChat.Gguf.Conversion.Architectures;

/// <summary>Llama 2 and 3, Mistral, TinyLlama, SmolLM2.</summary>
internal static class Llama
{
    public static HuggingFaceArchitecture Description { get; } = new("llama")
    {
        ClassNames = ["LlamaForCausalLM", "LLaMAForCausalLM", "MistralForCausalLM"],
        PermutesHeads = true,
        Biases = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"],
        RopeScalings = ["llama3"],
        Defaults = new Dictionary<string, double> { ["rms_norm_eps"] = 1e-6 },
    };
}
