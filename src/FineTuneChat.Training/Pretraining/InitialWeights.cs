using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Pretraining;

/// <summary>The weights of a new Llama-architecture model: which there are, and what they begin with.</summary>
internal static class InitialWeights
{
    private const float Deviation = 0.02f;

    /// <summary>Names and shapes in the file's order; norms do not decay.</summary>
    public static IReadOnlyList<(string Name, long[] Shape, bool Decays)> Shapes(DecoderShape shape) =>
        [.. DecoderTensors.Of(shape, fusedHeads: _ => false).Where(t => t.Needed).Select(t => (t.Name, t.Size, t.Size.Length > 1))];

    /// <summary>
    /// Normal with deviation 0.02, norms one; what is added to the residual stream is scaled by 1/√(2·layers), so that its size does not grow
    /// with depth (Radford et al. 2019, GPT-2, section 2.3).
    /// </summary>
    public static void Initialize(ParameterSet parameters, int layers, int seed)
    {
        var random = new Random(seed);
        foreach (Parameter parameter in parameters.All)
        {
            bool residual = parameter.Name.EndsWith("attn_output.weight", StringComparison.Ordinal)
                || parameter.Name.EndsWith("ffn_down.weight", StringComparison.Ordinal);
            float deviation = residual ? Deviation / MathF.Sqrt(2 * layers) : Deviation;
            foreach (ref float value in parameter.Value.AsSpan<float>())
                value = parameter.Decays ? deviation * Normal(random) : 1;
        }
    }

    /// <summary>Box and Muller 1958.</summary>
    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
