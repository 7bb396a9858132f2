namespace FineTuneChat.Protocol.Configuration;

/// <summary>How many threads compute when nobody says.</summary>
internal static class ComputeThreads
{
    private const int SmallMachine = 4; // cores
    private const int HyperThreads = 2;

    /// <summary>
    /// ggml's threads wait for each other by spinning: with as many threads as cores, whatever else runs stalls them all (700 → 20 tokens/s on
    /// two cores). One core stays free; beyond four, the second thread of a core no longer helps.
    /// </summary>
    public static int Default { get; } = Environment.ProcessorCount > SmallMachine
        ? Environment.ProcessorCount / HyperThreads
        : Math.Max(1, Environment.ProcessorCount - 1);
}
