namespace FineTuneChat.Grammars.Rules;

/// <summary>
/// One of many texts, as rules in which texts that begin alike share their beginning: whoever follows them has one way at each place, and
/// llama.cpp, which follows all ways at once, has little to do.
/// </summary>
internal static class TextTree
{
    /// <summary>The alternatives of a rule that matches these texts; none of them is empty.</summary>
    public static Symbol[][] Of(Grammar grammar, IEnumerable<string> texts)
    {
        string[] sorted = [.. texts.Distinct().Order(StringComparer.Ordinal)];
        var open = new Queue<(Symbol.Reference Rule, Range Texts, int Shared)>();
        Symbol[][] root = Alternatives(grammar, sorted, 0, sorted.Length, 0, open);
        while (open.TryDequeue(out var next))
            grammar.Define(next.Rule, Alternatives(grammar, sorted, next.Texts.Start.Value, next.Texts.End.Value, next.Shared, open));
        return root;
    }

    /// <summary>How texts go on behind what they share.</summary>
    private static Symbol[][] Alternatives(Grammar grammar, string[] texts, int first, int end, int shared, Queue<(Symbol.Reference, Range, int)> open)
    {
        var alternatives = new List<Symbol[]>();
        while (first < end)
        {
            int next = first + 1;
            while (next < end && SharedBy(texts[first], texts[next], shared) > shared)
                next++;
            int common = SharedBy(texts[first], texts[next - 1], shared); // sorted, so of all between, too
            string text = texts[first][shared..common];
            if (next - first == 1)
            {
                alternatives.Add(text.Length > 0 ? [text] : []);
            }
            else
            {
                Symbol.Reference rest = grammar.Reserve();
                open.Enqueue((rest, first..next, common));
                alternatives.Add([text, rest]);
            }
            first = next;
        }
        return [.. alternatives];
    }

    /// <summary>Where two texts part, from a place up to which they are the same; never inside a character.</summary>
    private static int SharedBy(string one, string other, int from)
    {
        int shared = from + one.AsSpan(from).CommonPrefixLength(other.AsSpan(from));
        return shared > from && shared < Math.Max(one.Length, other.Length) && char.IsHighSurrogate(one[shared - 1]) ? shared - 1 : shared;
    }
}
