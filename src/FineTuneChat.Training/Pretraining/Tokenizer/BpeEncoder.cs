using System.Text;

namespace FineTuneChat.Training.Pretraining.Tokenizer;

/// <summary>
/// Encodes with a <see cref="BpeVocabulary"/> in C#: counts tokens while the corpus is made and checks llama.cpp's tokenizer. Not thread-safe.
/// </summary>
internal sealed class BpeEncoder(BpeVocabulary vocabulary)
{
    private readonly Dictionary<string, int> _ids = vocabulary.Tokens.Select((token, id) => (token, id)).ToDictionary(p => p.token, p => p.id);
    private readonly Dictionary<(string Left, string Right), int> _ranks = vocabulary.Merges
        .Select((merge, rank) => (Parts: merge.Split(' '), Rank: rank))
        .ToDictionary(m => (m.Parts[0], m.Parts[1]), m => m.Rank);

    private readonly Dictionary<string, int[]> _cache = [];

    /// <summary>Ids of plain text; the texts of special tokens in it are ordinary characters.</summary>
    public IReadOnlyList<int> Encode(string text)
    {
        var ids = new List<int>();
        foreach (var piece in PreTokenizer.Split(text))
        {
            if (!_cache.TryGetValue(piece, out var known)) _cache[piece] = known = EncodePiece(piece);
            ids.AddRange(known);
        }
        return ids;
    }

    /// <summary>The text of the ids; control tokens appear by their names.</summary>
    public string Decode(IEnumerable<int> ids)
    {
        var text = new StringBuilder();
        var pending = new StringBuilder(); // a character may be spread over several tokens
        foreach (var id in ids)
        {
            if (vocabulary.TokenTypes[id] == BpeVocabulary.NormalType)
            {
                pending.Append(vocabulary.Tokens[id]);
                continue;
            }
            text.Append(ByteAlphabet.Decode(pending.ToString())).Append(vocabulary.Tokens[id]);
            pending.Clear();
        }
        return text.Append(ByteAlphabet.Decode(pending.ToString())).ToString();
    }

    private int[] EncodePiece(string piece)
    {
        List<string> symbols = [.. ByteAlphabet.Encode(piece).Select(c => c.ToString())];
        while (LowestRank(symbols) is var (at, _) && at >= 0)
        {
            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }
        // What has no token of its own is written byte by byte, as llama.cpp does.
        return [.. symbols.SelectMany(s => _ids.TryGetValue(s, out var id) ? [id] : s.Select(c => _ids[c.ToString()]))];
    }

    // The leftmost of the pairs with the lowest rank; -1 when nothing can be merged.
    private (int At, int Rank) LowestRank(List<string> symbols)
    {
        var best = (At: -1, Rank: int.MaxValue);
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (_ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < best.Rank) best = (i, rank);
        }
        return best;
    }
}
