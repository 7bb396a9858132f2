using System.Buffers;
using System.Collections.Frozen;

namespace FineTuneChat.Chat.Encoding;

/// <summary>A stretch of a text: a special token, or plain text when <paramref name="Token"/> is null.</summary>
internal readonly record struct Fragment(int Start, int Length, int? Token)
{
    public int End => Start + Length;
}

/// <summary>
/// Finds special tokens in the stretches of a text that a template wrote. As in llama.cpp, the longest tokens are placed first,
/// wherever they stand; shorter ones take what is left.
/// </summary>
internal sealed class SpecialTokenSplitter
{
    private readonly FrozenDictionary<string, SpecialToken>.AlternateLookup<ReadOnlySpan<char>> _tokens;
    private readonly SearchValues<char> _firstCharacters;
    private readonly int[] _lengths;

    public SpecialTokenSplitter(IReadOnlyList<SpecialToken> tokens)
    {
        var byText = new Dictionary<string, SpecialToken>();
        foreach (SpecialToken token in tokens)
            byText.TryAdd(token.Text, token);
        _tokens = byText.ToFrozenDictionary().GetAlternateLookup<ReadOnlySpan<char>>();
        _firstCharacters = SearchValues.Create(byText.Keys.Select(text => text[0]).Distinct().ToArray());
        _lengths = [.. byText.Keys.Select(text => text.Length).Distinct()];
    }

    /// <summary>The whole text in fragments, in order, without the white space that tokens swallow.</summary>
    public List<Fragment> Split(MarkedText text)
    {
        var fragments = new List<Fragment>();
        int start = 0;
        foreach ((int at, SpecialToken token) in Place(Candidates(text)))
        {
            int end = at;
            while (token.LeftStrip && end > start && IsSpace(text.Text[end - 1]))
                end--;
            if (end > start)
                fragments.Add(new Fragment(start, end - start, null));
            fragments.Add(new Fragment(at, token.Text.Length, token.Id));
            start = at + token.Text.Length;
            while (token.RightStrip && start < text.Length && IsSpace(text.Text[start]))
                start++;
        }
        if (start < text.Length)
            fragments.Add(new Fragment(start, text.Length - start, null));
        return fragments;
    }

    private List<(int At, SpecialToken Token)> Candidates(MarkedText text)
    {
        var candidates = new List<(int, SpecialToken)>();
        foreach ((int start, int end) in text.TemplateStretches())
        {
            for (int at = start; at < end; at++)
            {
                int next = text.Text.AsSpan(at, end - at).IndexOfAny(_firstCharacters);
                if (next < 0)
                    break;
                at += next;
                foreach (int length in _lengths)
                {
                    if (at + length <= end && _tokens.TryGetValue(text.Text.AsSpan(at, length), out SpecialToken? token))
                        candidates.Add((at, token));
                }
            }
        }
        return candidates;
    }

    /// <summary>Chooses among candidates that overlap. They come in the order of their places.</summary>
    private static List<(int At, SpecialToken Token)> Place(List<(int At, SpecialToken Token)> candidates)
    {
        var placed = new List<(int At, SpecialToken Token)>();
        int start = 0;
        while (start < candidates.Count)
        {
            int end = start;
            for (int reach = 0; end < candidates.Count && (end == start || candidates[end].At < reach); end++)
                reach = Math.Max(reach, End(candidates[end]));
            var cluster = new List<(int At, SpecialToken Token)>();
            foreach ((int At, SpecialToken Token) candidate in candidates[start..end].OrderByDescending(c =>
                System.Text.Encoding.UTF8.GetByteCount(c.Token.Text)))
            {
                if (!cluster.Exists(other => candidate.At < End(other) && other.At < End(candidate)))
                    cluster.Add(candidate);
            }
            placed.AddRange(cluster.OrderBy(c => c.At));
            start = end;
        }
        return placed;
    }

    private static int End((int At, SpecialToken Token) place) => place.At + place.Token.Text.Length;

    private static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');
}
