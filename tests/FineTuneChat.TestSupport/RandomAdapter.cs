using FineTuneChat.Gguf;

namespace FineTuneChat.TestSupport;

/// <summary>Writes a LoRA adapter with random numbers beside all linear layers of a model: as if it had been trained, to say something else.</summary>
public static class RandomAdapter
{
    private static readonly string[] Linears = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

    /// <param name="path">Where to.</param>
    /// <param name="model">The model's file.</param>
    /// <param name="seed">Same seed, same adapter.</param>
    /// <param name="strength">How much it changes.</param>
    /// <param name="rank">Of its matrices.</param>
    public static string Write(string path, string model, int seed, float strength = 1, int rank = 8)
    {
        GgufFile file = GgufFile.Open(model);
        var random = new Random(seed);
        var writer = new GgufWriter();
        writer.Metadata.Set("general.type", "adapter");
        writer.Metadata.Set("general.architecture", file.Architecture!);
        writer.Metadata.Set("adapter.type", "lora");
        writer.Metadata.Set("adapter.lora.alpha", (float)rank);
        foreach (GgufTensorInfo weight in file.Tensors.Where(t => Linears.Any(name => t.Name.EndsWith($".{name}.weight", StringComparison.Ordinal))))
        {
            writer.Add(weight.Name + ".lora_a", [weight.Dimension(0), rank], Numbers(weight.Dimension(0) * rank, 1 / MathF.Sqrt(weight.Dimension(0))));
            writer.Add(weight.Name + ".lora_b", [rank, weight.Dimension(1)], Numbers(rank * weight.Dimension(1), strength / MathF.Sqrt(rank)));
        }

        writer.Save(path);
        return path;

        float[] Numbers(long count, float spread) => [.. Enumerable.Range(0, (int)count).Select(_ => ((2 * random.NextSingle()) - 1) * spread)];
    }
}
