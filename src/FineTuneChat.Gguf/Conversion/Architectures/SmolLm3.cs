using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion.Architectures;

/// <summary>SmolLM3: Llama without positions in every fourth layer.</summary>
internal static class SmolLm3
{
    private const int Interval = 4;

    public static HuggingFaceArchitecture Description { get; } = new("smollm3")
    {
        ClassNames = ["SmolLM3ForCausalLM"],
        PermutesHeads = true,
        Biases = ["attn_q", "attn_k", "attn_v"],
        IsTiedByDefault = true,
        Defaults = new Dictionary<string, double> { ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 2_000_000 },
        Describe = (config, _, _) => Require(config),
    };

    private static void Require(ModelConfig config)
    {
        Qwen2.RequireNoWindow(config);
        bool isUsual = config.Find("no_rope_layers") is { ValueKind: JsonValueKind.Array } layers
            ? layers.EnumerateArray().Select((layer, i) => layer.ValueKind == JsonValueKind.Number && layer.GetDouble() != 0 == ((i + 1) % Interval != 0)).All(fits => fits)
            : (config.Optional("no_rope_layer_interval", 0, int.MaxValue) ?? Interval) == Interval;
        if (!isUsual)
            throw config.Unsupported("other layers than every fourth have no positions");
    }
}
