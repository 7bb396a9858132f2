namespace FineTuneChat.Training.Pretraining.Tokenizer;

/// <summary>A word of the training texts with its current tokens.</summary>
internal sealed class BpeWord(string text, List<int> ids)
{
    /// <summary>In <see cref="ByteAlphabet"/> characters, without a prefix.</summary>
    public string Text { get; } = text;

    public List<int> Ids { get; } = ids;

    /// <summary>How often it occurs, with and without prefixes.</summary>
    public long Count { get; private set; }

    /// <summary>How often each character stands before it, mostly a space.</summary>
    public SortedDictionary<string, long> Prefixes { get; } = new(StringComparer.Ordinal);

    /// <summary>All words of the texts, in an order that the texts' order does not change.</summary>
    public static List<BpeWord> FromTexts(IEnumerable<string> texts, IReadOnlyDictionary<string, int> ids)
    {
        var pieces = new Dictionary<string, long>();
        foreach (var text in texts)
            foreach (var piece in PreTokenizer.Split(text))
                pieces[piece] = pieces.GetValueOrDefault(piece) + 1;

        var words = new SortedDictionary<string, BpeWord>(StringComparer.Ordinal);
        foreach (var (piece, count) in pieces)
        {
            var (prefix, rest) = SplitPrefix(piece);
            if (prefix.Length > 0) Word(prefix).Count += count;
            var word = Word(rest);
            word.Count += count;
            if (prefix.Length > 0) word.Prefixes[ByteAlphabet.Encode(prefix)] = word.Prefixes.GetValueOrDefault(ByteAlphabet.Encode(prefix)) + count;
        }
        return [.. words.Values];

        BpeWord Word(string text)
        {
            var encoded = ByteAlphabet.Encode(text);
            if (!words.TryGetValue(encoded, out var word)) words[encoded] = word = new BpeWord(encoded, [.. encoded.Select(c => ids[c.ToString()])]);
            return word;
        }
    }

    /// <summary>Puts one id in the place of each occurrence of a pair, from the left.</summary>
    public void Replace((int Left, int Right) pair, int id)
    {
        var write = 0;
        for (var read = 0; read < Ids.Count; read++)
        {
            var hit = read + 1 < Ids.Count && Ids[read] == pair.Left && Ids[read + 1] == pair.Right;
            Ids[write++] = hit ? id : Ids[read];
            if (hit) read++;
        }
        Ids.RemoveRange(write, Ids.Count - write);
    }

    // The pre-tokenizer glues one character that is no letter to the letters after it.
    private static (string Prefix, string Letters) SplitPrefix(string piece) =>
        piece.Length > 1 && !char.IsLetterOrDigit(piece[0]) && char.IsLetter(piece[1]) ? (piece[..1], piece[1..]) : ("", piece);
}
