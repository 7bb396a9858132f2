using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference.Running;

/// <summary>
/// A LoRA adapter that requests may ask for. The object is its identity: what was computed with one is never used with another, though both be loaded from
/// the same file.
/// </summary>
/// <param name="weights">Of the engine's model. They stay the caller's, and must live until the last request with the adapter has ended.</param>
public sealed class Adapter(ScaledAdapter weights)
{
    private static long _adapters;

    /// <summary>The weights, and how strongly they work.</summary>
    public ScaledAdapter Weights => weights;

    /// <summary>No other adapter of this process has or had it.</summary>
    internal long Number { get; } = Interlocked.Increment(ref _adapters);
}
