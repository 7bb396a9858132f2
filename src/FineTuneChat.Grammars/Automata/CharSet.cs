namespace FineTuneChat.Grammars.Automata;

/// <summary>A set of Unicode characters (code points without surrogates) as sorted ranges that do not touch.</summary>
internal sealed class CharSet
{
    public static readonly CharSet Empty = new([]);
    public static readonly CharSet All = new([(0, 0xD7FF), (0xE000, 0x10FFFF)]);

    private CharSet((int Low, int High)[] ranges) => Ranges = ranges;

    public IReadOnlyList<(int Low, int High)> Ranges { get; }

    public bool IsEmpty => Ranges.Count == 0;

    public static CharSet Of(char c) => Of((c, c));

    public static CharSet Of(params ReadOnlySpan<(int Low, int High)> ranges)
    {
        (int Low, int High)[] sorted = ranges.ToArray();
        Array.Sort(sorted);
        var merged = new List<(int Low, int High)>();
        foreach ((int low, int high) in sorted)
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1)
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            else if (low <= high)
                merged.Add((low, high));
        }
        return new CharSet([.. merged]);
    }

    public bool Contains(int c)
    {
        foreach ((int low, int high) in Ranges)
        {
            if (c <= high)
                return c >= low;
        }
        return false;
    }

    public CharSet Union(CharSet other) => Of([.. Ranges, .. other.Ranges]);

    public CharSet Intersect(CharSet other)
    {
        var common = new List<(int, int)>();
        for (int i = 0, k = 0; i < Ranges.Count && k < other.Ranges.Count;)
        {
            (int low, int high) = (Math.Max(Ranges[i].Low, other.Ranges[k].Low), Math.Min(Ranges[i].High, other.Ranges[k].High));
            if (low <= high)
                common.Add((low, high));
            if (Ranges[i].High < other.Ranges[k].High)
                i++;
            else
                k++;
        }
        return new CharSet([.. common]);
    }

    public CharSet Complement()
    {
        var gaps = new List<(int, int)>();
        int next = 0;
        foreach ((int low, int high) in Ranges)
        {
            if (low > next)
                gaps.Add((next, low - 1));
            next = high + 1;
        }
        gaps.Add((next, 0x10FFFF));
        return Of([.. gaps]).Intersect(All);
    }
}
