namespace FineTuneChat.Grammars.Automata;

/// <summary>The characters of a pattern in classes: those of one class are in the same of its sets, so an automaton treats them alike.</summary>
internal sealed class Alphabet
{
    private readonly List<CharSet> _classes = [];
    private readonly Dictionary<CharSet, List<int>> _classesOf = [];

    /// <param name="sets">All sets of the pattern; the same object may come again.</param>
    /// <param name="effort">Counts what this costs.</param>
    public Alphabet(IEnumerable<CharSet> sets, Effort effort)
    {
        // 1. Between two neighbouring bounds all characters are in the same sets.
        CharSet[] all = [.. sets.Distinct()];
        int[] cuts = [.. all.SelectMany(set => set.Ranges).SelectMany(range => new[] { range.Low, range.High + 1 }).Distinct().Order()];
        var within = new List<int>[cuts.Length];
        foreach ((int i, CharSet set) in all.Index())
        {
            foreach ((int low, int high) in set.Ranges)
            {
                int first = Array.BinarySearch(cuts, low), end = Array.BinarySearch(cuts, high + 1);
                effort.Spend(end - first);
                for (int k = first; k < end; k++)
                    (within[k] ??= []).Add(i);
            }
        }

        // 2. Stretches in the same sets are one class.
        foreach (IGrouping<int[], int> alike in Enumerable.Range(0, cuts.Length).Where(k => within[k] is not null).GroupBy(
            k => within[k].ToArray(), SameNumbers.Comparer))
        {
            foreach (int set in alike.Key)
            {
                if (!_classesOf.TryGetValue(all[set], out List<int>? classes))
                    _classesOf[all[set]] = classes = [];
                classes.Add(_classes.Count);
            }
            _classes.Add(CharSet.Of([.. alike.Select(k => (cuts[k], cuts[k + 1] - 1))]));
        }
    }

    public int Count => _classes.Count;

    /// <summary>The classes that make up a set of the pattern.</summary>
    public List<int> ClassesOf(CharSet set) => _classesOf.GetValueOrDefault(set) ?? [];

    public CharSet Union(IReadOnlyList<int> classes) =>
        classes.Count == 1 ? _classes[classes[0]] : CharSet.Of([.. classes.SelectMany(c => _classes[c].Ranges)]);
}
