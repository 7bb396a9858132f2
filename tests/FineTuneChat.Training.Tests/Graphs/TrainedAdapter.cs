using FineTuneChat.Gguf;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>An adapter as if it had been trained: B is not zero, so that it changes what the model says.</summary>
internal static class TrainedAdapter
{
    /// <param name="file">The base.</param>
    /// <param name="rank">Alpha is twice as much.</param>
    /// <param name="spread">Width of the range of B's numbers around 0.</param>
    /// <param name="tokens">Tokens whose rows are trained, too; null: none.</param>
    public static LoraAdapter Create(GgufFile file, int rank, float spread, IReadOnlyCollection<int>? tokens = null)
    {
        LoraAdapter adapter = LoraAdapter.Create(file, rank, alpha: 2 * rank, seed: 3, LoraAdapter.AllLinears, tokens);
        var random = new Random(4);
        foreach (Parameter parameter in adapter.Parameters.All.Where(p => !p.Name.EndsWith(".lora_a", StringComparison.Ordinal)))
        {
            foreach (ref float value in parameter.Value.AsSpan<float>())
                value = (random.NextSingle() - 0.5f) * spread;
        }

        return adapter;
    }
}
