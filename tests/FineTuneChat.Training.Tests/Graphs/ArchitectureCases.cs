using FineTuneChat.TestSupport;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>Random models of every architecture and of its variants. Widths are multiples of 256, so that K-quants apply.</summary>
internal static class ArchitectureCases
{
    private static readonly RandomModelShape Usual = new(Layers: 2, Width: 256, Heads: 4, KvHeads: 2, FeedForward: 512);

    public static IReadOnlyDictionary<string, RandomModelShape> All { get; } = new Dictionary<string, RandomModelShape>
    {
        ["llama"] = Usual,
        ["llama, head of its own, biases"] = Usual with { Tied = false, Biases = true },
        ["llama, fused heads"] = Usual with { FusedHeads = true, Biases = true },
        ["llama, frequency factors"] = Usual with { FrequencyFactors = ["rope_freqs.weight"] },
        ["llama, linear scaling"] = Usual with { Metadata = new() { ["rope.scaling.type"] = "linear", ["rope.scaling.factor"] = 4f } },
        ["llama, YaRN"] = Usual with
        {
            Metadata = new()
            {
                ["rope.scaling.type"] = "yarn",
                ["rope.scaling.factor"] = 4f,
                ["rope.scaling.original_context_length"] = 64u,
                ["rope.scaling.attn_factor"] = 1.25f,
            },
        },
        ["qwen2"] = Usual with { Architecture = "qwen2", Biases = true },
        ["qwen2, head of its own"] = Usual with { Architecture = "qwen2", Biases = true, Tied = false },
        ["qwen3"] = Usual with { Architecture = "qwen3", HeadWidth = 128 },
        ["qwen3, YaRN"] = Usual with
        {
            Architecture = "qwen3",
            HeadWidth = 128,
            Metadata = new() { ["rope.scaling.type"] = "yarn", ["rope.scaling.factor"] = 4f, ["rope.scaling.original_context_length"] = 64u },
        },
        ["smollm3"] = Usual with { Architecture = "smollm3", Layers = 4 },
        ["phi3"] = Usual with { Architecture = "phi3", FusedHeads = true, Tied = false },
        ["phi3, part of the head rotated, short factors"] = Usual with
        {
            Architecture = "phi3",
            FusedHeads = true,
            Tied = false,
            FrequencyFactors = ["rope_factors_long.weight", "rope_factors_short.weight"],
            Metadata = new() { ["rope.dimension_count"] = 48u, ["rope.scaling.attn_factor"] = 1.2f, ["rope.scaling.original_context_length"] = 4096u },
        },
        ["phi3, long factors"] = Usual with
        {
            Architecture = "phi3",
            FusedHeads = true,
            Tied = false,
            FrequencyFactors = ["rope_factors_long.weight", "rope_factors_short.weight"],
            Metadata = new() { ["rope.scaling.attn_factor"] = 1.2f, ["rope.scaling.original_context_length"] = 64u },
        },
        ["gemma2"] = Usual with
        {
            Architecture = "gemma2",
            HeadWidth = 128,
            Metadata = new() { ["attention.sliding_window"] = 5u, ["attn_logit_softcapping"] = 8f, ["final_logit_softcapping"] = 20f },
        },
        ["gemma3"] = Usual with
        {
            Architecture = "gemma3",
            Layers = 6,
            HeadWidth = 128,
            Metadata = new() { ["attention.sliding_window"] = 5u, ["rope.freq_base"] = 1e6f },
        },
        ["gemma3, scaled, window in every other layer"] = Usual with
        {
            Architecture = "gemma3",
            HeadWidth = 128,
            Metadata = new()
            {
                ["attention.sliding_window"] = 5u,
                ["attention.sliding_window_pattern"] = 2u,
                ["rope.freq_base"] = 1e6f,
                ["rope.scaling.type"] = "linear",
                ["rope.scaling.factor"] = 8f,
                ["final_logit_softcapping"] = 20f,
            },
        },
    };
}
