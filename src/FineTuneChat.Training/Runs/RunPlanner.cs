using System.Diagnostics;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Gguf;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Runs;

/// <summary>Works out what a run takes, and refuses one that cannot fit before it has taken anything.</summary>
internal sealed class RunPlanner(
    Backend backend, MappedModel model, DecoderShape shape, LoraAdapter adapter, DataOrder order, IReadOnlyList<EncodedExample> examples,
    IReadOnlyList<EncodedExample> validation, FineTuneOptions options)
{
    private const long Overhead = 200 << 20; // runtime, packed panels, llama.cpp's vocabulary
    private const double ShareOfPeak = 0.6; // of a whole step, against one matrix product
    private const int TimedTokens = 128, TimedRuns = 4;

    /// <exception cref="OutOfMemoryException">It does not fit the memory, not even frugally.</exception>
    /// <exception cref="IOException">It does not fit the disk.</exception>
    public RunEstimate Plan(string folder, long freeMemory)
    {
        // 1. Memory: what is kept of the activations when there is room, else computed twice.
        long parameters = adapter.Parameters.Count * sizeof(float), fixedBytes = model.File.Length + (4 * parameters) + Overhead;
        bool isFrugal = options.Frugal == true;
        long memory = fixedBytes + Activations(isFrugal);
        if (memory > freeMemory && options.Frugal is null)
            (isFrugal, memory) = (true, fixedBytes + Activations(isFrugal: true));
        if (memory > freeMemory)
        {
            throw new OutOfMemoryException(
                $"This run needs about {memory >> 20} MiB of memory ({model.File.Length >> 20} for the model, {4 * parameters >> 20} for the adapter of rank {adapter.Rank}, "
                + $"the rest for micro-batches of {options.SequenceLength} tokens); {freeMemory >> 20} MiB are free. Use a smaller --seq-len or --rank, or end other programs.");
        }

        // 2. Disk: two checkpoints for a moment, the adapter in both formats, twice.
        long disk = (2 * 3 * parameters) + (4 * parameters), free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (disk > free)
            throw new IOException($"This run needs {disk >> 20} MiB on the disk of {folder}; {free >> 20} MiB are free.");

        // 3. Time.
        long tokens = examples.Sum(e => (long)e.Ids.Length), predictions = examples.Sum(e => (long)e.Predictions), epochs = order.Steps / order.StepsPerEpoch;
        double head = (double)shape.Width * shape.Vocabulary, body = model.File.Tensors.Where(t => t.Shape.Count == 2).Sum(t => (double)t.ElementCount) - ((shape.TiedHead ? 1 : 2) * head);
        double work = epochs * ((tokens * ((isFrugal ? 6 : 4) * body)) + (tokens * 6.0 * adapter.Parameters.Count) + (predictions * 4 * head));
        return new RunEstimate(order.Steps, epochs * tokens, isFrugal, memory, disk, work / (ShareOfPeak * Rate()));
    }

    /// <summary>Of the graphs of an epoch and of the validation.</summary>
    private long Activations(bool isFrugal)
    {
        DecoderWeights weights = DecoderWeights.Frozen(model, adapter);
        var training = Enumerable.Range(0, order.StepsPerEpoch).SelectMany(step => Packer.Pack([.. order.Batch(step).ToArray().Select(i => examples[i])], options.SequenceLength));
        return Bytes(training, isFrugal ? GraphPurpose.TrainCheckpointed : GraphPurpose.Train) + Bytes(Packer.Pack(validation, options.SequenceLength), GraphPurpose.Evaluate);

        long Bytes(IEnumerable<MicroBatch> batches, GraphPurpose purpose) =>
            GraphCache.Bytes([.. batches.Select(GraphCache.SizeOf).Distinct().Select(size => TrainingGraph.Measure(backend, shape, weights, size.Tokens, size.Predictions, purpose))]);
    }

    /// <summary>FLOPs a second of one of the model's products.</summary>
    private double Rate()
    {
        Tensor weight = model["blk.0.ffn_up.weight"];
        using var graph = new Graph(backend, 8);
        Tensor x = graph.Input("x", GgmlType.F32, weight.Size(0), TimedTokens);
        graph.Output(graph.Gemm(x, weight));
        graph.Allocate();
        double best = double.MaxValue;
        for (int run = 0; run < TimedRuns; run++)
        {
            x.AsSpan<float>().Fill(1);
            long start = Stopwatch.GetTimestamp();
            graph.Compute();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * weight.Size(0) * weight.Size(1) * TimedTokens / best;
    }
}
