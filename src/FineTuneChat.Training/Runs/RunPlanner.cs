using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Objectives;

namespace FineTuneChat.Training.Runs;

/// <summary>Works out what a run takes, and refuses one that cannot fit before it has taken anything.</summary>
internal sealed class RunPlanner(
    MappedModel model, DecoderShape shape, LoraAdapter adapter, DataOrder order, Objective objective, Objective? held, FineTuneOptions options)
{
    private const long Overhead = 200 << 20; // runtime, packed panels, llama.cpp's vocabulary

    private readonly TrainingExample[] _validation = [.. AllOf(held)];

    /// <summary>Bytes that weights, their transposes, parameters and gradients take in a device's memory.</summary>
    public long PlacedBytes =>
        model.File.Length + (2 * model.File.Tensors.Where(t => t.Shape.Count == 2).Sum(t => t.ElementCount)) + (2 * sizeof(float) * adapter.Parameters.Count);

    /// <summary>Refuses a GPU before the weights are copied to it.</summary>
    /// <exception cref="OutOfMemoryException">They do not fit there.</exception>
    public void CheckRoom(ComputeDevice device)
    {
        if (PlacedBytes > device.FreeBytes)
        {
            throw new OutOfMemoryException(
                $"This run needs {PlacedBytes >> 20} MiB on '{device.Id}' ({device.Name}) for the model, its transposes and the adapter alone; "
                + $"{device.FreeBytes >> 20} MiB are free there. Use a smaller model, or train on the processor: --device cpu.");
        }
    }

    /// <param name="backend">What computes.</param>
    /// <param name="weights">The weights there.</param>
    /// <param name="folder">Where checkpoints are written.</param>
    /// <param name="freeMemory">Of the host.</param>
    /// <param name="freeOnDevice">Of the device that computes, null when the processor does.</param>
    /// <exception cref="OutOfMemoryException">It does not fit the memory, not even with gradient checkpointing.</exception>
    /// <exception cref="NotSupportedException">The device lacks an operation.</exception>
    /// <exception cref="IOException">It does not fit the disk.</exception>
    public RunEstimate Plan(Backend backend, DecoderWeights weights, string folder, long freeMemory, long? freeOnDevice = null)
    {
        // 1. Memory: what is kept of the activations when there is room, else computed twice.
        long parameters = adapter.Parameters.Count * sizeof(float), fixedBytes = (freeOnDevice == null ? model.File.Length : 0) + (4 * parameters) + Overhead;
        bool isCheckpointed = options.GradientCheckpointing == true;
        long activations = Activations(backend, weights, isCheckpointed), room = freeOnDevice ?? freeMemory - fixedBytes;
        if (activations > room && options.GradientCheckpointing is null)
            (isCheckpointed, activations) = (true, Activations(backend, weights, isCheckpointed: true));
        if (activations > room && freeOnDevice != null)
        {
            throw new OutOfMemoryException(
                $"This run needs about {activations >> 20} MiB on '{backend.Name}' for micro-batches of {options.SequenceLength} tokens; beside the model "
                + $"{room >> 20} MiB are free there. Use a smaller --seq-len, or train on the processor: --device cpu.");
        }

        long memory = fixedBytes + (freeOnDevice == null ? activations : 0);
        if (memory > freeMemory)
        {
            throw new OutOfMemoryException(
                $"This run needs about {memory >> 20} MiB of memory ({model.File.Length >> 20} for the model, {4 * parameters >> 20} for the adapter of "
                + $"rank {adapter.Rank}, the rest for micro-batches of {options.SequenceLength} tokens); {freeMemory >> 20} MiB are free. "
                + "Use a smaller --seq-len or --rank, or end other programs.");
        }

        // 2. Disk: two checkpoints for a moment, the adapter in both formats, twice.
        long disk = (2 * 3 * parameters) + (4 * parameters), free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (disk > free)
            throw new IOException($"This run needs {disk >> 20} MiB on the disk of {folder}; {free >> 20} MiB are free.");

        // 3. Time.
        long epochs = order.Steps / order.StepsPerEpoch;
        double seconds = epochs * EpochSeconds(backend, weights, isCheckpointed);
        return new RunEstimate(order.Steps, epochs * AllOf(objective).Sum(e => (long)e.Tokens.Length), isCheckpointed, memory, disk, seconds)
        {
            Device = freeOnDevice == null ? TrainingDevice.Processor : backend.Name,
            DeviceBytes = freeOnDevice == null ? 0 : PlacedBytes + activations,
        };
    }

    /// <summary>Of the graphs of an epoch and of the validation.</summary>
    private long Activations(Backend backend, DecoderWeights weights, bool isCheckpointed)
    {
        return Bytes(Epoch(), isCheckpointed ? GraphPurpose.TrainCheckpointed : GraphPurpose.Train)
            + Bytes(Packer.Pack(_validation, options.SequenceLength), GraphPurpose.Evaluate);

        long Bytes(IEnumerable<MicroBatch> batches, GraphPurpose purpose) =>
            GraphCache.Bytes([.. batches.Select(GraphCache.SizeOf).Distinct()
                .Select(size => TrainingGraph.Measure(backend, shape, weights, size.Tokens, size.Predictions, purpose))]);
    }

    /// <summary>Of an epoch and the validation after it, which goes forward only.</summary>
    private double EpochSeconds(Backend backend, DecoderWeights weights, bool isCheckpointed)
    {
        MicroBatch[] batches = [.. Epoch().OrderBy(b => b.Tokens.Length)];
        var probe = new SpeedProbe(backend, shape, weights, batches[batches.Length / 2], isCheckpointed ? GraphPurpose.TrainCheckpointed : GraphPurpose.Train);
        double forward = isCheckpointed ? 1.0 / 3 : 1.0 / 2;
        double compared = objective.Compares ? 1 + forward : 1;
        return (compared * batches.Sum(probe.Seconds)) + (forward * Packer.Pack(_validation, options.SequenceLength).Sum(probe.Seconds));
    }

    /// <summary>The micro-batches of the first epoch; the others' are much like them.</summary>
    private IEnumerable<MicroBatch> Epoch() =>
        Enumerable.Range(0, order.StepsPerEpoch).SelectMany(
            step => Packer.Pack([.. order.Batch(step).ToArray().SelectMany(objective.ExamplesOf)], options.SequenceLength));

    private static IEnumerable<TrainingExample> AllOf(Objective? objective) =>
        objective is null ? [] : Enumerable.Range(0, objective.Rows).SelectMany(objective.ExamplesOf);
}
