using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs.Operations;

namespace FineTuneChat.Training.Graphs;

/// <summary>How much of the backward pass a graph holds.</summary>
public enum GraphPurpose
{
    /// <summary>Losses only.</summary>
    Evaluate,

    /// <summary>Losses and gradients; every layer's intermediate results are kept until its backward pass.</summary>
    Train,

    /// <summary>
    /// Losses and gradients; only the layers' inputs are kept, the rest is computed again (Chen et al. 2016, arXiv 1604.06174): less memory, a third more time.
    /// </summary>
    TrainCheckpointed,
}

/// <summary>One micro-batch as a ggml graph: forward, loss, backward into the parameters' gradients. Built once for a size, then run many times.</summary>
public sealed class TrainingGraph : IDisposable
{
    /// <summary>
    /// Logits held at once, in floats (320 MiB): the head works through its rows in chunks of at most this size, so that a large vocabulary does not set the
    /// memory, yet large enough to pay for unpacking the head's weights again. Half of it where memory counts more.
    /// </summary>
    private const int LogitsAtOnce = 80 * 1024 * 1024;

    private readonly Graph _graph;
    private readonly Decoder _decoder;
    private readonly PackedInputs _inputs;
    private readonly List<HeadChunk> _chunks = [];
    private readonly Dropout? _dropout;

    /// <summary>Builds the graph and takes its memory.</summary>
    /// <param name="backend">Where it is computed.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="weights">The model's weights, placed on the backend.</param>
    /// <param name="tokens">Tokens in a row; shorter micro-batches are padded.</param>
    /// <param name="predictions">The most predictions in a row.</param>
    /// <param name="purpose">Losses only, or gradients too.</param>
    /// <param name="dropout">Share of the adapter's inputs that training leaves out.</param>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    public TrainingGraph(Backend backend, DecoderShape shape, DecoderWeights weights, int tokens, int predictions, GraphPurpose purpose, float dropout = 0)
        : this(backend, shape, weights, tokens, predictions, purpose, dropout, allocate: true)
    {
    }

    private TrainingGraph(
        Backend backend, DecoderShape shape, DecoderWeights weights, int tokens, int predictions, GraphPurpose purpose, float dropout, bool allocate)
    {
        Tokens = tokens;
        Predictions = predictions;
        _decoder = new Decoder(shape, weights) { GeluByTable = purpose == GraphPurpose.Evaluate }; // a loss that is only measured is measured as it is served
        int logits = purpose == GraphPurpose.Train ? LogitsAtOnce : LogitsAtOnce / 2;
        int mostRows = Math.Clamp(logits / shape.Vocabulary, 1, predictions), chunks = (predictions + mostRows - 1) / mostRows;
        int chunkRows = (predictions + chunks - 1) / chunks;
        _graph = new Graph(backend, capacity: 512 + (shape.Layers * 1024) + (chunks * 64));
        _inputs = new PackedInputs(_graph, tokens);
        if (purpose != GraphPurpose.Evaluate && dropout > 0)
            _dropout = new Dropout(_graph.Input("dropout", GgmlType.I32, 1), dropout);
        for (int done = 0; done < predictions; done += chunkRows)
            _chunks.Add(new HeadChunk(_graph, done, Math.Min(chunkRows, predictions - done)));
        Build(purpose);
        if (allocate)
            _graph.Allocate();
    }

    /// <summary>Bytes of intermediate results that a graph would take.</summary>
    internal static long Measure(Backend backend, DecoderShape shape, DecoderWeights weights, int tokens, int predictions, GraphPurpose purpose)
    {
        using var graph = new TrainingGraph(backend, shape, weights, tokens, predictions, purpose, dropout: 0, allocate: false);
        return graph._graph.Measure();
    }

    /// <summary>Tokens in a row.</summary>
    public int Tokens { get; }

    /// <summary>The most predictions in a row.</summary>
    public int Predictions { get; }

    /// <summary>Bytes of intermediate results.</summary>
    public long Bytes => _graph.Bytes;

    /// <summary>Computes losses and, in a training graph, adds to the gradients.</summary>
    /// <param name="batch">At most <see cref="Tokens"/> tokens and <see cref="Predictions"/> predictions.</param>
    /// <param name="dropoutSeed">Another for each micro-batch.</param>
    /// <exception cref="ArgumentException">It does not fit, or holds indices out of range.</exception>
    public MicroBatchResult Run(MicroBatch batch, int dropoutSeed = 0)
    {
        Set(batch, dropoutSeed);
        _graph.Compute();
        return _chunks.Aggregate(default(MicroBatchResult), (sum, chunk) => chunk.Add(sum, batch));
    }

    /// <summary>−log p of each prediction, in the batch's order, and whether it was the most probable one.</summary>
    /// <param name="batch">As for <see cref="Run"/>.</param>
    public IReadOnlyList<(double Loss, bool IsHit)> Predict(MicroBatch batch)
    {
        Set(batch);
        _graph.Compute();
        return [.. _chunks.SelectMany(chunk => chunk.Predictions(batch))];
    }

    /// <summary>As <see cref="Run"/>, but times every node: see <see cref="Graph.Profile"/>.</summary>
    /// <param name="batch">As for <see cref="Run"/>.</param>
    public IReadOnlyList<(string Operation, Tensor Node, double Seconds)> Profile(MicroBatch batch)
    {
        Set(batch);
        return _graph.Profile();
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _graph.Dispose();

    private void Build(GraphPurpose purpose)
    {
        // 1. Forward through the layers; each has its own tape, so that its backward pass can be built, or rebuilt, alone.
        int layers = _decoder.Shape.Layers;
        var tapes = new Tape[layers];
        var streams = new Tensor[layers + 1];
        var embedding = new Tape(_graph);
        streams[0] = _decoder.Embed(embedding, _inputs);
        for (int layer = 0; layer < layers; layer++)
        {
            tapes[layer] = NewTape(streams, layer, embedding);
            streams[layer + 1] = _decoder.Block(tapes[layer], streams[layer], layer, _inputs);
            _graph.Expand(streams[layer + 1]);
        }

        // 2. Head and loss, chunk by chunk, each with its backward pass at once: logits are never kept.
        var top = new Tape(_graph);
        top.Want(streams[layers]);
        Tensor normed = _decoder.OutputNorm(top, streams[layers]);
        Tensor gradient = HeadBackward(normed, purpose);
        if (purpose == GraphPurpose.Evaluate)
            return;
        top.Backward(normed, gradient);
        gradient = top.GradientOf(streams[layers]);

        // 3. Backward through the layers, the last one first.
        for (int layer = layers - 1; layer >= 0; layer--)
        {
            _graph.Expand(gradient);
            Tensor result = streams[layer + 1];
            if (purpose == GraphPurpose.TrainCheckpointed)
            {
                tapes[layer] = NewTape(streams, layer, embedding);
                result = _decoder.Block(tapes[layer], streams[layer], layer, _inputs);
            }

            tapes[layer].Backward(result, gradient);
            gradient = tapes[layer].GradientOf(streams[layer]);
        }

        if (!gradient.IsNone)
            embedding.Backward(streams[0], gradient);
    }

    /// <summary>The first layer's input needs a gradient only when the embedding table is trained.</summary>
    private Tape NewTape(Tensor[] streams, int layer, Tape embedding)
    {
        var tape = new Tape(_graph, _dropout);
        if (layer > 0 || embedding.Wants(streams[0]))
            tape.Want(streams[layer]);
        return tape;
    }

    private Tensor HeadBackward(Tensor normed, GraphPurpose purpose)
    {
        Tensor sum = default;
        foreach (HeadChunk chunk in _chunks)
        {
            var tape = new Tape(_graph);
            tape.Want(normed);
            Tensor logits = _decoder.Head(tape, tape.PickRows(normed, chunk.Rows)); // [vocabulary, rows]
            Tensor gradient = _graph.CrossEntropyBack(logits, chunk.Labels, chunk.Weights, chunk.Losses);
            _graph.Expand(gradient);
            if (purpose == GraphPurpose.Evaluate)
                continue;
            tape.Backward(logits, gradient);
            Tensor part = tape.GradientOf(normed);
            sum = sum.IsNone ? part : _graph.Add(sum, part);
            _graph.Expand(sum);
        }

        return sum;
    }

    private void Set(MicroBatch batch, int dropoutSeed = 0)
    {
        Check(batch);
        if (_dropout is { } dropout)
            dropout.Seed.Write([dropoutSeed]);
        Set(_inputs.Tokens, batch.Tokens, _ => 0);
        Set(_inputs.Positions, batch.Positions, _ => 0);
        Set(_inputs.Starts, batch.Starts, _ => batch.Tokens.Length); // padding is a sequence of its own
        foreach (HeadChunk chunk in _chunks)
            chunk.Set(batch);
    }

    private static void Set(Tensor input, int[] values, Func<int, int> padding)
    {
        var padded = new int[input.ElementCount];
        values.CopyTo(padded.AsSpan());
        for (int i = values.Length; i < padded.Length; i++)
            padded[i] = padding(i);
        input.Write<int>(padded);
    }

    private void Check(MicroBatch batch)
    {
        int count = batch.Tokens.Length, vocabulary = _decoder.Shape.Vocabulary;
        bool lengths = count <= Tokens && batch.Positions.Length == count && batch.Starts.Length == count
            && batch.Rows.Length <= Predictions && batch.Labels.Length == batch.Rows.Length && batch.Weights.Length == batch.Rows.Length;
        if (!lengths)
            throw new ArgumentException(
                $"A micro-batch of {count} tokens and {batch.Rows.Length} predictions does not fit a graph of {Tokens} and {Predictions}.", nameof(batch));
        for (int i = 0; i < count; i++)
        {
            if ((uint)batch.Tokens[i] >= (uint)vocabulary || (uint)batch.Starts[i] > (uint)i || batch.Positions[i] < 0)
                throw new ArgumentException($"Token {i} of the micro-batch has an id, start or position out of range.", nameof(batch));
        }

        for (int i = 0; i < batch.Rows.Length; i++)
        {
            if ((uint)batch.Rows[i] >= (uint)count || (uint)batch.Labels[i] >= (uint)vocabulary)
                throw new ArgumentException($"Prediction {i} of the micro-batch has a row or label out of range.", nameof(batch));
        }
    }

    /// <summary>A part of the predictions, with its inputs and its losses.</summary>
    private sealed class HeadChunk(Graph graph, int first, int count)
    {
        public Tensor Rows { get; } = graph.Input("rows", GgmlType.I32, count);

        public Tensor Labels { get; } = graph.Input("labels", GgmlType.I32, count);

        public Tensor Weights { get; } = graph.Input("weights", GgmlType.F32, count);

        /// <summary>[2, count]: loss, distance from the highest logit. An output, so that its memory is nobody else's.</summary>
        public Tensor Losses { get; } = graph.Output(graph.Input("losses", GgmlType.F32, 2, count));

        public void Set(MicroBatch batch)
        {
            int[] rows = new int[count], labels = new int[count];
            var weights = new float[count];
            for (int i = 0; i < count; i++)
            {
                bool real = first + i < batch.Rows.Length;
                rows[i] = real ? batch.Rows[first + i] : 0;
                labels[i] = real ? batch.Labels[first + i] : -1;
                weights[i] = real ? batch.Weights[first + i] : 0;
            }

            Rows.Write<int>(rows);
            Labels.Write<int>(labels);
            Weights.Write<float>(weights);
        }

        public IEnumerable<(double Loss, bool IsHit)> Predictions(MicroBatch batch)
        {
            float[] losses = Losses.Read<float>();
            return Enumerable.Range(0, Math.Clamp(batch.Rows.Length - first, 0, count)).Select(i => ((double)losses[2 * i], losses[(2 * i) + 1] == 0));
        }

        public MicroBatchResult Add(MicroBatchResult sum, MicroBatch batch)
        {
            float[] losses = Losses.Read<float>();
            for (int i = 0; i < count && first + i < batch.Rows.Length; i++)
            {
                float weight = batch.Weights[first + i], loss = losses[2 * i];
                if (weight != 0)
                    sum = new MicroBatchResult(
                        sum.Loss + ((double)weight * loss), sum.NegativeLogLikelihood + loss, sum.Hits + (losses[(2 * i) + 1] == 0 ? 1 : 0),
                        sum.Predictions + 1);
            }

            return sum;
        }
    }
}
