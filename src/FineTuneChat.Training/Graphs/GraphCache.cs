using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>Graphs by size: micro-batches are padded up to a few sizes, so that a graph is built once and used often.</summary>
internal sealed class GraphCache(CpuBackend backend, DecoderShape shape, DecoderWeights weights, GraphPurpose purpose, float dropout = 0) : IDisposable
{
    private readonly Dictionary<(int Tokens, int Predictions), TrainingGraph> _graphs = [];

    /// <summary>Runs a micro-batch on the smallest graph that holds it.</summary>
    public MicroBatchResult Run(MicroBatch batch, int dropoutSeed = 0)
    {
        (int Tokens, int Predictions) size = SizeOf(batch);
        if (!_graphs.TryGetValue(size, out TrainingGraph? graph))
            _graphs[size] = graph = new TrainingGraph(backend, shape, weights, size.Tokens, size.Predictions, purpose, dropout);
        return graph.Run(batch, dropoutSeed);
    }

    public void Dispose()
    {
        foreach (TrainingGraph graph in _graphs.Values)
            graph.Dispose();
    }

    /// <summary>The size of the graph that a micro-batch runs on.</summary>
    internal static (int Tokens, int Predictions) SizeOf(MicroBatch batch) => (Bucket(batch.Tokens.Length), Bucket(batch.Rows.Length));

    /// <summary>16, 32, 48, 64, 96, 128, 192, 256, 384 …: at most half as much again as is needed.</summary>
    internal static int Bucket(int count)
    {
        int size = 16;
        while (size < count)
            size = (size & (size - 1)) == 0 && size >= 32 ? size + (size / 2) : size < 32 ? size + 16 : size / 3 * 4;
        return size;
    }
}
