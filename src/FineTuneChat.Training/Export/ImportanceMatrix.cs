using System.Numerics.Tensors;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using Tensor = FineTuneChat.Native.Ggml.Tensor;

namespace FineTuneChat.Training.Export;

/// <summary>How much each input of each matrix counts: its mean square over what the model is used for. A quantiser rounds where little counts.</summary>
public static class ImportanceMatrix
{
    private const int RowTokens = 2048, MostTokens = 16 * 1024;

    /// <summary>Runs base and adapter over examples.</summary>
    /// <param name="model">The base.</param>
    /// <param name="adapter">Its adapter.</param>
    /// <param name="examples">What was accepted; the first 16 Ki tokens are used.</param>
    /// <param name="rope">The RoPE options that the model is served with.</param>
    /// <param name="backend">Where it computes.</param>
    /// <param name="cancellation">Looked at between rows.</param>
    /// <returns>Weight names and mean squares.</returns>
    public static IReadOnlyDictionary<string, float[]> Compute(
        MappedModel model, LoraAdapter adapter, IReadOnlyList<TrainingExample> examples, RopeOptions rope, CpuBackend backend, CancellationToken cancellation)
    {
        GgufTensorInfo[] matrices = [.. model.File.Tensors.Where(t => t.Shape.Count == 2)];
        using var sums = new TensorStore(matrices.Length);
        Dictionary<string, Tensor> byName = matrices.ToDictionary(m => m.Name, m => sums.Add(m.Name, GgmlType.F32, m.Shape[0]), StringComparer.Ordinal);
        sums.Allocate();

        DecoderShape shape = DecoderShape.FromGguf(model.File, rope);
        DecoderWeights weights = DecoderWeights.Frozen(model, adapter, observe: (graph, name, x) => graph.Expand(graph.SquaresAdd(byName[name], x)));
        int longest = Math.Max(RowTokens, examples.Max(e => e.Tokens.Length)), tokens = 0;
        foreach (MicroBatch batch in Packer.Pack(examples, longest))
        {
            cancellation.ThrowIfCancellationRequested();
            // Of exactly this size: padding would count, too.
            using var graph = new TrainingGraph(backend, shape, weights, batch.Tokens.Length, batch.Rows.Length, GraphPurpose.Evaluate);
            graph.Run(batch);
            if ((tokens += batch.Tokens.Length) >= MostTokens)
                break;
        }

        return byName.Where(m => m.Value.AsSpan<float>().ContainsAnyExcept(0f)).ToDictionary(m => m.Key, m => MeanOf(m.Value, tokens));
    }

    private static float[] MeanOf(Tensor sum, int count)
    {
        var mean = new float[sum.ElementCount];
        TensorPrimitives.Divide(sum.AsSpan<float>(), count, mean);
        return mean;
    }
}
