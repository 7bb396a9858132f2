using System.Diagnostics;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Runs;

/// <summary>Works out what a run takes, and refuses one that cannot fit before it has taken anything.</summary>
internal sealed class RunPlanner(
    MappedModel model, DecoderShape shape, LoraAdapter adapter, DataOrder order, IReadOnlyList<EncodedExample> examples,
    IReadOnlyList<EncodedExample> validation, FineTuneOptions options)
{
    private const long Overhead = 200 << 20; // runtime, packed panels, llama.cpp's vocabulary
    private const double ShareOfPeak = 0.6; // of a whole step, against one matrix product
    private const int TimedTokens = 128, TimedRuns = 4;

    /// <summary>Bytes that weights, their transposes, parameters and gradients take in a device's memory.</summary>
    public long PlacedBytes => model.File.Length + (2 * model.File.Tensors.Where(t => t.Shape.Count == 2).Sum(t => t.ElementCount)) + (2 * sizeof(float) * adapter.Parameters.Count);

    /// <summary>Refuses a GPU before the weights are copied to it.</summary>
    /// <exception cref="OutOfMemoryException">They do not fit there.</exception>
    public void CheckRoom(ComputeDevice device)
    {
        if (PlacedBytes > device.FreeBytes)
        {
            throw new OutOfMemoryException(
                $"This run needs {PlacedBytes >> 20} MiB on '{device.Id}' ({device.Name}) for the model, its transposes and the adapter alone; {device.FreeBytes >> 20} MiB are free there. "
                + "Use a smaller model, or train on the processor: --device cpu.");
        }
    }

    /// <param name="backend">What computes.</param>
    /// <param name="weights">The weights there.</param>
    /// <param name="folder">Where checkpoints are written.</param>
    /// <param name="freeMemory">Of the host.</param>
    /// <param name="freeOnDevice">Of the device that computes, null when the processor does.</param>
    /// <exception cref="OutOfMemoryException">It does not fit the memory, not even frugally.</exception>
    /// <exception cref="NotSupportedException">The device lacks an operation.</exception>
    /// <exception cref="IOException">It does not fit the disk.</exception>
    public RunEstimate Plan(Backend backend, DecoderWeights weights, string folder, long freeMemory, long? freeOnDevice = null)
    {
        // 1. Memory: what is kept of the activations when there is room, else computed twice.
        long parameters = adapter.Parameters.Count * sizeof(float), fixedBytes = (freeOnDevice == null ? model.File.Length : 0) + (4 * parameters) + Overhead;
        bool isFrugal = options.Frugal == true;
        long activations = Activations(backend, weights, isFrugal), room = freeOnDevice ?? freeMemory - fixedBytes;
        if (activations > room && options.Frugal is null)
            (isFrugal, activations) = (true, Activations(backend, weights, isFrugal: true));
        if (activations > room && freeOnDevice != null)
        {
            throw new OutOfMemoryException(
                $"This run needs about {activations >> 20} MiB on '{backend.Name}' for micro-batches of {options.SequenceLength} tokens; beside the model {room >> 20} MiB are free there. "
                + "Use a smaller --seq-len, or train on the processor: --device cpu.");
        }

        long memory = fixedBytes + (freeOnDevice == null ? activations : 0);
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
        return new RunEstimate(order.Steps, epochs * tokens, isFrugal, memory, disk, work / (ShareOfPeak * Rate(backend, weights)))
        {
            Device = freeOnDevice == null ? TrainingDevice.Processor : backend.Name,
            DeviceBytes = freeOnDevice == null ? 0 : PlacedBytes + activations,
        };
    }

    /// <summary>Of the graphs of an epoch and of the validation.</summary>
    private long Activations(Backend backend, DecoderWeights weights, bool isFrugal)
    {
        var training = Enumerable.Range(0, order.StepsPerEpoch).SelectMany(step => Packer.Pack([.. order.Batch(step).ToArray().Select(i => examples[i])], options.SequenceLength));
        return Bytes(training, isFrugal ? GraphPurpose.TrainCheckpointed : GraphPurpose.Train) + Bytes(Packer.Pack(validation, options.SequenceLength), GraphPurpose.Evaluate);

        long Bytes(IEnumerable<MicroBatch> batches, GraphPurpose purpose) =>
            GraphCache.Bytes([.. batches.Select(GraphCache.SizeOf).Distinct().Select(size => TrainingGraph.Measure(backend, shape, weights, size.Tokens, size.Predictions, purpose))]);
    }

    /// <summary>FLOPs a second of one of the model's products.</summary>
    private static double Rate(Backend backend, DecoderWeights weights)
    {
        Tensor weight = weights["blk.0.ffn_up.weight"];
        using var graph = new Graph(backend, 8);
        Tensor x = graph.Input("x", GgmlType.F32, weight.Size(0), TimedTokens);
        graph.Output(graph.Gemm(x, weight));
        graph.Allocate();
        float[] ones = [.. Enumerable.Repeat(1f, (int)x.ElementCount)];
        double best = double.MaxValue;
        for (int run = 0; run < TimedRuns; run++)
        {
            x.Write<float>(ones);
            long start = Stopwatch.GetTimestamp();
            graph.Compute();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * weight.Size(0) * weight.Size(1) * TimedTokens / best;
    }
}
