namespace FineTuneChat.Training.Graphs.Architectures;

/// <summary>Llama 2 and 3, Mistral, TinyLlama, SmolLM2 (Touvron et al. 2023, arXiv 2302.13971).</summary>
internal static class Llama
{
    public static Architecture Description { get; } = new("llama")
    {
        FrequencyFactors = true,
        Biases = ["attn_output", "ffn_gate", "ffn_up", "ffn_down"],
    };
}
