namespace FineTuneChat.Training.Pretraining.Tokenizer;

/// <summary>
/// Learns byte-level BPE merges: the most frequent first, ties to the lower ids, so that equal texts give equal files. A word is learned
/// without the space (or quote, or ¿) before it; a space joins only whole frequent words, by merges that come last. So a rare word has the
/// same tokens wherever it stands, and copying a name from a question to the start of an answer is copying tokens.
/// </summary>
internal sealed class BpeTrainer
{
    private readonly List<string> _tokens = [.. ByteAlphabet.Characters.Select(c => c.ToString())];
    private readonly List<string> _merges = [];
    private readonly List<string> _joins = []; // merges of a prefix and a whole word
    private readonly Dictionary<string, int> _ids;
    private readonly List<BpeWord> _words;
    private readonly PriorityQueue<(string Prefix, string Word), (long Negated, string Text)> _joinable = new(Comparer<(long Negated, string Text)>.Create(
        (a, b) => a.Negated != b.Negated ? a.Negated.CompareTo(b.Negated) : string.CompareOrdinal(a.Text, b.Text)));

    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _wordsWith = [];

    private BpeTrainer(IEnumerable<string> texts)
    {
        _ids = _tokens.Select((token, id) => (token, id)).ToDictionary(p => p.token, p => p.id);
        _words = BpeWord.FromTexts(texts, _ids);
        for (var i = 0; i < _words.Count; i++) CountPairs(i, +1);
    }

    /// <summary>Trains a vocabulary of at most <paramref name="size"/> tokens: the bytes of UTF-8, merges and the three specials.</summary>
    /// <param name="texts">The texts, without special tokens.</param>
    /// <param name="size">At least 246. The result is smaller only when the texts hold nothing more that occurs twice.</param>
    /// <param name="fewestUses">
    /// A merged token that the texts, encoded, use less often than that is left out: most are only steps on the way to a longer one, would hardly ever be
    /// written, and could then not be taught (Chizhov et al. 2024, "BPE Gets Picky", arXiv 2409.04599). Where one would be needed, its bytes stand.
    /// </param>
    public static BpeVocabulary Train(IEnumerable<string> texts, int size, int fewestUses = 0)
    {
        var smallest = ByteAlphabet.Characters.Count + BpeVocabulary.Specials.Count;
        ArgumentOutOfRangeException.ThrowIfLessThan(size, smallest);
        var trainer = new BpeTrainer(texts);
        HashSet<string> rare = [];
        for (var isGrowing = true; isGrowing;)
        {
            isGrowing = false;
            while (trainer._tokens.Count - rare.Count + BpeVocabulary.Specials.Count < size && trainer.MergeMostFrequent()) isGrowing = true;
            rare = trainer.Rare(fewestUses);
        }
        return trainer.Finish(rare);
    }

    /// <summary>Merged tokens with fewer uses than <paramref name="fewest"/>.</summary>
    private HashSet<string> Rare(int fewest)
    {
        if (fewest == 0) return [];
        var vocabulary = Finish([]);
        var encoder = new BpeEncoder(vocabulary);
        var uses = new long[vocabulary.Size];
        foreach (var word in _words)
        {
            foreach (var (prefix, count) in word.Prefixes) Count(ByteAlphabet.Decode(prefix + word.Text), count);
            Count(ByteAlphabet.Decode(word.Text), word.Count - word.Prefixes.Values.Sum());
        }
        return [.. Enumerable.Range(ByteAlphabet.Characters.Count, _tokens.Count - ByteAlphabet.Characters.Count)
            .Where(i => uses[i] < fewest).Select(i => _tokens[i])];

        void Count(string piece, long count)
        {
            foreach (var id in encoder.Encode(piece)) uses[id] += count;
        }
    }

    // A pair that occurs once teaches nothing.
    private bool MergeMostFrequent()
    {
        var (pair, count) = MostFrequentPair();
        if (_joinable.TryPeek(out var join, out var priority) && -priority.Negated > Math.Max(count, 1))
        {
            _joinable.Dequeue();
            _joins.Add($"{join.Prefix} {join.Word}");
            Learn(join.Prefix + join.Word);
            return true;
        }
        if (count < 2) return false;
        Merge(pair);
        return true;
    }

    private ((int Left, int Right) Pair, long Count) MostFrequentPair()
    {
        var best = (Pair: (Left: int.MaxValue, Right: int.MaxValue), Count: 0L);
        foreach (var (pair, count) in _counts)
        {
            if (count > best.Count || (count == best.Count && pair.CompareTo(best.Pair) < 0)) best = (pair, count);
        }
        return best;
    }

    private void Merge((int Left, int Right) pair)
    {
        var id = Learn(_tokens[pair.Left] + _tokens[pair.Right]);
        _merges.Add($"{_tokens[pair.Left]} {_tokens[pair.Right]}");
        foreach (var index in _wordsWith[pair].Order().ToArray())
        {
            CountPairs(index, -1);
            _words[index].Replace(pair, id);
            CountPairs(index, +1);
        }
    }

    // Two merge paths may lead to one text; llama.cpp knows tokens by their text, so it stays one token.
    private int Learn(string text)
    {
        if (_ids.TryGetValue(text, out var id)) return id;
        _tokens.Add(text);
        return _ids[text] = _tokens.Count - 1;
    }

    private void CountPairs(int index, int sign)
    {
        var word = _words[index];
        if (sign > 0 && word.Ids.Count == 1) OfferJoins(word);
        for (var i = 0; i + 1 < word.Ids.Count; i++)
        {
            var pair = (word.Ids[i], word.Ids[i + 1]);
            var count = _counts.GetValueOrDefault(pair) + (sign * word.Count);
            if (count == 0) _counts.Remove(pair);
            else _counts[pair] = count;

            if (!_wordsWith.TryGetValue(pair, out var words)) _wordsWith[pair] = words = [];
            if (sign > 0) words.Add(index);
            else words.Remove(index);
        }
    }

    private void OfferJoins(BpeWord word)
    {
        foreach (var (prefix, count) in word.Prefixes)
        {
            if (_ids.ContainsKey(prefix)) _joinable.Enqueue((prefix, word.Text), (-count, prefix + word.Text));
        }
    }

    private BpeVocabulary Finish(HashSet<string> without)
    {
        string[] kept = [.. _tokens.Where(t => !without.Contains(t))];
        IReadOnlyList<string> tokens = [.. kept, .. BpeVocabulary.Specials];
        IReadOnlyList<int> types =
            [.. Enumerable.Repeat(BpeVocabulary.NormalType, kept.Length), .. Enumerable.Repeat(BpeVocabulary.ControlType, BpeVocabulary.Specials.Count)];
        return new BpeVocabulary(tokens, types, [.. _merges, .. _joins]);
    }
}
