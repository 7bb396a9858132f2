using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>
/// Graphs by size: micro-batches are padded up to a few sizes, so that a graph is built once and used often. Where all of them would take
/// more than <see cref="Budget"/>, those used longest ago are freed: for a large model, building one again costs little beside running it.
/// </summary>
internal sealed class GraphCache(
    Backend backend, DecoderShape shape, DecoderWeights weights, GraphPurpose purpose, float dropout = 0, long budget = GraphCache.Budget) : IDisposable
{
    /// <summary>Bytes that graphs share; one that needs more has them alone.</summary>
    private const long Budget = 1L << 30;

    private readonly List<TrainingGraph> _graphs = []; // the one used last at the end

    /// <summary>Graphs there are.</summary>
    public int Count => _graphs.Count;

    /// <summary>Runs a micro-batch on the smallest graph that holds it.</summary>
    public MicroBatchResult Run(MicroBatch batch, int dropoutSeed = 0) => For(batch).Run(batch, dropoutSeed);

    /// <summary>The same, for each prediction.</summary>
    public IReadOnlyList<(double Loss, bool IsHit)> Predict(MicroBatch batch) => For(batch).Predict(batch);

    public void Dispose() => _graphs.ForEach(graph => graph.Dispose());

    /// <summary>The most bytes that graphs of the given sizes take.</summary>
    internal static long Bytes(IReadOnlyCollection<long> graphs) => graphs.Count == 0 ? 0 : Math.Max(graphs.Max(), Math.Min(Budget, graphs.Sum()));

    private TrainingGraph For(MicroBatch batch)
    {
        (int Tokens, int Predictions) size = SizeOf(batch);
        TrainingGraph graph = _graphs.Find(g => (g.Tokens, g.Predictions) == size) ?? Build(size);
        _graphs.Remove(graph);
        _graphs.Add(graph);
        return graph;
    }

    private TrainingGraph Build((int Tokens, int Predictions) size)
    {
        long bytes = TrainingGraph.Measure(backend, shape, weights, size.Tokens, size.Predictions, purpose);
        while (_graphs.Count > 0 && _graphs.Sum(g => g.Bytes) + bytes > budget)
        {
            _graphs[0].Dispose();
            _graphs.RemoveAt(0);
        }

        return new TrainingGraph(backend, shape, weights, size.Tokens, size.Predictions, purpose, dropout);
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
