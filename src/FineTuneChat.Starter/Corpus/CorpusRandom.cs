namespace FineTuneChat.Starter.Corpus;

/// <summary>SplitMix64: the same sequence for a seed on every platform and every .NET version, which <see cref="Random"/> does not promise.</summary>
internal sealed class CorpusRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A uniform whole number from 0 to <paramref name="bound"/> − 1.</summary>
    public int Below(int bound) => (int)(((UInt128)NextBits() * (ulong)bound) >> 64);

    /// <summary>A uniform whole number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool Chance(double probability) => (NextBits() >> 11) * (1.0 / (1UL << 53)) < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>An item with a probability proportional to its weight.</summary>
    public T Pick<T>(IReadOnlyList<(T Item, double Weight)> items)
    {
        var at = (NextBits() >> 11) * (1.0 / (1UL << 53)) * items.Sum(i => i.Weight);
        foreach (var (item, weight) in items)
        {
            if ((at -= weight) < 0) return item;
        }
        return items[^1].Item;
    }

    /// <summary><paramref name="count"/> different items in random order.</summary>
    public IReadOnlyList<T> PickSeveral<T>(IReadOnlyList<T> items, int count)
    {
        var pool = items.ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = Between(i, pool.Length - 1);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }
        return pool[..count];
    }

    private ulong NextBits()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
