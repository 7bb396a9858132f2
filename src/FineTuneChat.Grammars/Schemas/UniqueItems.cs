using System.Numerics;
using FineTuneChat.Grammars.Rules;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>Arrays in which each of a few values stands at most once: a rule for each set of values that have been used.</summary>
/// <param name="Values">The values as JSON, all different.</param>
/// <param name="Min">Fewest items.</param>
/// <param name="Max">Most items.</param>
internal sealed record UniqueItems(IReadOnlyList<string> Values, int Min, int? Max)
{
    /// <summary>Values; the sets of them double with each.</summary>
    public const int Most = 8;

    /// <summary>What stands between the brackets.</summary>
    public static Symbol[] Of(Grammar grammar, JsonRules json, UniqueItems items)
    {
        Symbol.Reference[] behind = [.. Enumerable.Range(0, 1 << items.Values.Count).Select(_ => grammar.Reserve())];
        for (int used = 0; used < behind.Length; used++)
        {
            int count = BitOperations.PopCount((uint)used), set = used;
            IEnumerable<Symbol[]> next = count < (items.Max ?? int.MaxValue)
                ? from i in Enumerable.Range(0, items.Values.Count)
                  where (set & (1 << i)) == 0
                  select (Symbol[])[.. count > 0 ? new Symbol[] { ",", json.Space } : [], items.Values[i], behind[set | (1 << i)]]
                : [];
            grammar.Define(behind[used], [.. next, .. count >= items.Min ? new Symbol[][] { [] } : []]);
        }
        return [behind[0]];
    }
}
