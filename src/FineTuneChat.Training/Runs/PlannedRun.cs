using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Runs;

/// <summary>What a run is computed on, the weights where it computes with them, and what the run will take there.</summary>
internal sealed class PlannedRun : IDisposable
{
    private PlannedRun(Backend backend, DecoderWeights weights, RunEstimate estimate)
    {
        Backend = backend;
        Weights = weights;
        Estimate = estimate;
    }

    public Backend Backend { get; }

    public DecoderWeights Weights { get; }

    public RunEstimate Estimate { get; }

    /// <summary>Takes the backend over, also when it throws.</summary>
    /// <param name="backend">What shall compute.</param>
    /// <param name="weights">As they lie on the host.</param>
    /// <param name="plan">Given the weights on the backend: what the run takes, or an exception.</param>
    public static PlannedRun On(Backend backend, DecoderWeights weights, Func<DecoderWeights, RunEstimate> plan)
    {
        DecoderWeights? placed = null;
        try
        {
            placed = weights.On(backend);
            return new PlannedRun(backend, placed, plan(placed));
        }
        catch
        {
            placed?.Dispose();
            backend.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Weights.Dispose();
        Backend.Dispose();
    }
}
