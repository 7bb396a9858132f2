namespace FineTuneChat.Inference.Speculation;

/// <summary>
/// How long a step takes by the number of its rows, measured while serving. It depends on everything: where weights come from memory, a further row is nearly
/// free; where the processor multiplies one row with another kernel than several, two rows can cost three times as much as one, and sixteen only nine times.
/// </summary>
internal sealed class StepCost
{
    /// <summary>What a further row costs of the first one's time, where nothing is known.</summary>
    private const double Share = 0.5;

    private const int Stale = 1000; // steps: then the machine may be another, so to say, and it is worth trying again
    private const double Slower = 0.1, Faster = 0.25; // weight of the newest: other programs make steps slower, never faster
    private static readonly int[] Bounds = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, int.MaxValue]; // kernels work in groups of rows

    private readonly Entry[] _entries = new Entry[Bounds.Length];
    private long _step;

    /// <summary>Learns from a step.</summary>
    public void Add(int rows, double time)
    {
        _step++;
        ref Entry entry = ref _entries[Array.FindIndex(Bounds, bound => rows <= bound)];
        if (!IsKnown(entry))
            entry = new(rows, time, _step);
        double difference = Math.Min(time, 2 * entry.Time) - entry.Time; // it was interrupted
        entry = new(
            entry.Rows + ((rows - entry.Rows) * Faster), entry.Time + (difference * (difference > 0 ? Slower : Faster)), _step);
    }

    /// <summary>
    /// What a step of so many rows is likely to take: between known ones in proportion, beyond them by the share of a single row, or
    /// of what few rows were seen to take, whichever is less: many rows may be cheaper together, and trying tells.
    /// </summary>
    public double Of(int rows)
    {
        Entry least = default, below = default, above = default;
        foreach (Entry entry in _entries)
        {
            if (!IsKnown(entry))
                continue;
            if (least.Rows == 0)
                least = entry;
            if (entry.Rows <= rows)
                below = entry;
            else if (above.Rows == 0)
                above = entry;
        }

        if (below.Rows > 0 && above.Rows > 0)
            return below.Time + ((above.Time - below.Time) * (rows - below.Rows) / (above.Rows - below.Rows));
        if (least.Rows == 0)
            least = new(1, 1, _step);
        Entry known = below.Rows > 0 ? below : least;
        double single = Math.Min(least.Time / Relative(least.Rows), known.Time / Relative(known.Rows));
        return known.Time + (Share * single * (rows - known.Rows));
    }

    private static double Relative(double rows) => 1 + (Share * (rows - 1));

    private bool IsKnown(Entry entry) => entry.Rows > 0 && _step - entry.Step < Stale;

    private readonly record struct Entry(double Rows, double Time, long Step);
}
