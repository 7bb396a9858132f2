using System.Diagnostics;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// Estimates how long micro-batches take: with one of the run's own, it measures the head and a few of the layers on this machine, now.
/// </summary>
internal sealed class SpeedProbe
{
    private const int FewLayers = 4, MostRuns = 4;
    private const double EnoughSeconds = 1;

    private readonly double _perToken, _perPrediction; // seconds, padding counted

    /// <param name="backend">Where it will be computed.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="weights">Its weights with the adapter, whose gradients are of no meaning afterwards.</param>
    /// <param name="sample">A usual micro-batch.</param>
    /// <param name="purpose">What will be computed.</param>
    public SpeedProbe(Backend backend, DecoderShape shape, DecoderWeights weights, MicroBatch sample, GraphPurpose purpose)
    {
        weights.Send();
        int few = Math.Min(FewLayers, shape.Layers);
        var (tokens, predictions) = GraphCache.SizeOf(sample);
        double one = Seconds(1), layer = few > 1 ? Math.Max(0, Seconds(few) - one) / (few - 1) : 0;
        _perToken = layer * shape.Layers / tokens;
        _perPrediction = Math.Max(0, one - layer) / predictions;

        double Seconds(int layers)
        {
            using var graph = new TrainingGraph(backend, shape with { Layers = layers }, weights, tokens, predictions, purpose);
            double best = double.MaxValue, spent = 0;
            for (int run = 0; run < MostRuns && spent < EnoughSeconds; run++) // the first one compiles code and touches memory
            {
                long start = Stopwatch.GetTimestamp();
                graph.Run(sample);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                (best, spent) = (Math.Min(best, seconds), spent + seconds);
            }

            return best;
        }
    }

    /// <summary>Of a micro-batch of this run.</summary>
    public double Seconds(MicroBatch batch)
    {
        var (tokens, predictions) = GraphCache.SizeOf(batch);
        return (tokens * _perToken) + (predictions * _perPrediction);
    }
}
