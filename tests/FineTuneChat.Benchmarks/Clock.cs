using System.Diagnostics;

namespace FineTuneChat.Benchmarks;

/// <summary>Times work on a machine that others use, too.</summary>
internal static class Clock
{
    /// <summary>Seconds of the fastest of several runs: what disturbs only ever adds.</summary>
    public static double Best(int runs, Action work)
    {
        work(); // code compiled, memory touched
        double best = double.MaxValue;
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
