using System.Numerics.Tensors;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// Before a run on a device a few tokens are computed there and by this project's kernels. Drivers and shaders have errors, and a wrong gradient raises none:
/// the model only learns badly.
/// </summary>
internal static class DeviceTrial
{
    private const int Tokens = 32;
    private const double Tolerance = 0.2; // rounding of activations to 8 bits is below it, a wrong gradient is off by 1

    /// <exception cref="NotSupportedException">The results differ.</exception>
    public static void Run(Backend device, DecoderShape shape, DecoderWeights placed, DecoderWeights weights, ParameterSet parameters, int threads)
    {
        using var processor = new CpuBackend(threads);
        var (loss, gradients) = LossAndGradients(processor, weights);
        var (deviceLoss, deviceGradients) = LossAndGradients(device, placed);
        parameters.ClearGradients();
        double off = TensorPrimitives.Distance<float>(gradients, deviceGradients) / TensorPrimitives.Norm<float>(gradients);
        if (!(Math.Abs(deviceLoss - loss) <= Tolerance * loss && off <= Tolerance))
        {
            throw new NotSupportedException(
                $"The device '{device.Name}' computes something else than the processor: loss {deviceLoss:G4} instead of {loss:G4}, gradients off by {off:P0}. "
                + "Its driver may be at fault; train on the processor: --device cpu.");
        }

        (double Loss, float[] Gradients) LossAndGradients(Backend backend, DecoderWeights on)
        {
            using var graph = new TrainingGraph(backend, shape, on, Tokens, Tokens, GraphPurpose.Train);
            parameters.ClearGradients();
            on.Send();
            double sum = graph.Run(Sample(shape.Vocabulary)).Loss;
            on.Fetch();
            return (sum, [.. parameters.All.SelectMany(p => p.Gradient.AsSpan<float>().ToArray())]);
        }
    }

    /// <summary>Two sequences of any tokens, all predicted but the first.</summary>
    private static MicroBatch Sample(int vocabulary)
    {
        int[] tokens = [.. Enumerable.Range(1, Tokens).Select(i => (int)(i * 7919L % vocabulary))];
        int[] starts = [.. tokens.Select((_, i) => i / (Tokens / 2) * (Tokens / 2))];
        int[] rows = [.. Enumerable.Range(0, Tokens - 1).Where(i => starts[i] == starts[i + 1])];
        return new MicroBatch(
            tokens, [.. starts.Select((start, i) => i - start)], starts, rows, [.. rows.Select(r => tokens[r + 1])], [.. rows.Select(_ => 1f / rows.Length)]);
    }
}
