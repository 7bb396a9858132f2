using System.Buffers;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Chat.Encoding;

/// <summary>
/// How many tokens a text has at least, found in much less time than it takes to tokenise it: a text that is far too long is refused
/// by it at once. Can be used from several threads at once.
/// </summary>
/// <param name="vocabulary">The model's.</param>
public sealed class TokenLowerBound(Vocabulary vocabulary)
{
    private const int UsualBytes = 8; // bytes of a token, more than any language has on average: shorter texts are tokenised unseen

    private readonly Lazy<Pieces> _pieces = new(() => new Pieces(vocabulary));

    /// <summary>Counts the tokens that a text must have, and stops when there are more than allowed.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">Tokens that it may have, at least 0.</param>
    /// <returns>A number of tokens that the text has at least, above <paramref name="limit"/>; null where it may have fewer.</returns>
    public int? Beyond(string text, int limit)
    {
        int bytes = System.Text.Encoding.UTF8.GetByteCount(text);
        if (bytes <= (long)limit * UsualBytes)
            return null;
        int byLength = (bytes + _pieces.Value.Longest - 1) / _pieces.Value.Longest;
        if (byLength > limit)
            return byLength;
        return _pieces.Value.AreWholeText ? ByCover(text, bytes, limit) : null;
    }

    /// <summary>
    /// The fewest tokens whose pieces, laid over the text where they match, leave no byte uncovered. Each tokenisation is such a cover,
    /// so none has fewer.
    /// </summary>
    private int? ByCover(string text, int length, int limit)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            System.Text.Encoding.UTF8.GetBytes(text, rented);
            ReadOnlySpan<byte> utf8 = rented.AsSpan(0, length);
            int tokens = 0;
            int covered = 0; // bytes that so many tokens cover at most
            int next = 0; // bytes that one more covers at most
            for (int at = 0; at < length; at++)
            {
                int match = _pieces.Value.LongestMatch(utf8[at..]);
                next = Math.Max(next, at + match);
                if (at < covered)
                    continue;
                if (match > 0 && ++tokens > limit)
                    return tokens;
                covered = match > 0 ? next : at + 1; // what begins no token costs none
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The bytes of all tokens, in order.</summary>
    private sealed class Pieces
    {
        private readonly byte[][] _sorted;

        public Pieces(Vocabulary vocabulary)
        {
            _sorted = [.. Enumerable.Range(0, vocabulary.Count).Select(vocabulary.SpecialPieceOf).Where(piece => piece.Length > 0)];
            Array.Sort(_sorted, (a, b) => a.AsSpan().SequenceCompareTo(b));
            Longest = _sorted.Select(piece => piece.Length).Append(1).Max();
            AreWholeText = IsWhole(vocabulary, "Aa  b\n\n\u00c0\u00e9 \u4f60\t.");
        }

        /// <summary>Bytes of the longest token.</summary>
        public int Longest { get; }

        /// <summary>Whether tokens together give the text back: some tokenisers change case, or leave out white space.</summary>
        public bool AreWholeText { get; }

        /// <summary>Bytes of the longest token that a text begins with; 0 for none.</summary>
        public int LongestMatch(ReadOnlySpan<byte> text)
        {
            int low = 0, high = _sorted.Length; // the pieces that begin with the bytes so far
            int longest = 0;
            for (int depth = 0; depth < text.Length; depth++)
            {
                low = FirstFrom(low, high, depth, text[depth]);
                high = FirstFrom(low, high, depth, text[depth] + 1);
                if (low == high)
                    break;
                if (_sorted[low].Length == depth + 1)
                    longest = depth + 1;
            }

            return longest;
        }

        /// <summary>The first piece, of those that agree before a place, that has at least a certain byte there.</summary>
        private int FirstFrom(int low, int high, int place, int least)
        {
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (_sorted[middle].Length > place && _sorted[middle][place] >= least)
                    high = middle;
                else
                    low = middle + 1;
            }

            return low;
        }

        private static bool IsWhole(Vocabulary vocabulary, string text)
        {
            int[] tokens = vocabulary.Tokenize(text, addSpecial: false, parseSpecial: false);
            byte[] joined = [.. tokens.SelectMany(vocabulary.SpecialPieceOf)];
            return joined.AsSpan().EndsWith(System.Text.Encoding.UTF8.GetBytes(text)); // SentencePiece puts a space before it
        }
    }
}
