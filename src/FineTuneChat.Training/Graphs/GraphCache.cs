using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>Graphs by size: micro-batches are padded up to a few sizes, so that a graph is built once and used often.</summary>
internal sealed class GraphCache(CpuBackend backend, DecoderShape shape, DecoderWeights weights, GraphPurpose purpose) : IDisposable
{
    private readonly Dictionary<(int Tokens, int Predictions), TrainingGraph> _graphs = [];

    /// <summary>Runs a micro-batch on the smallest graph that holds it.</summary>
    public MicroBatchResult Run(MicroBatch batch)
    {
        (int Tokens, int Predictions) size = (Bucket(batch.Tokens.Length), Bucket(batch.Rows.Length));
        if (!_graphs.TryGetValue(size, out TrainingGraph? graph))
            _graphs[size] = graph = new TrainingGraph(backend, shape, weights, size.Tokens, size.Predictions, purpose);
        return graph.Run(batch);
    }

    public void Dispose()
    {
        foreach (TrainingGraph graph in _graphs.Values)
            graph.Dispose();
    }

    /// <summary>16, 32, 48, 64, 96, 128, 192, 256, 384 …: at most half as much again as is needed.</summary>
    internal static int Bucket(int count)
    {
        int size = 16;
        while (size < count)
            size = (size & (size - 1)) == 0 && size >= 32 ? size + (size / 2) : size < 32 ? size + 16 : size / 3 * 4;
        return size;
    }
}
