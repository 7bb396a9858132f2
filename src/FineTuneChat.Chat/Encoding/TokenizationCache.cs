namespace FineTuneChat.Chat.Encoding;

/// <summary>
/// Ids of the plain texts between special tokens, which are tokenised each on its own: in a conversation that goes on, and from one
/// training turn to the next, all but the newest have been seen. Holds the texts used last, up to a number of characters. Thread-safe.
/// </summary>
internal sealed class TokenizationCache(Func<string, int[]> tokenize, int capacity = 1 << 21)
{
    private readonly Lock _gate = new();

    // Two generations: what is used moves to the young one; when that is half the capacity, the old one is forgotten.
    private Dictionary<string, int[]> _young = [];
    private Dictionary<string, int[]> _old = [];
    private int _youngCharacters;

    public int[] Tokenize(string text)
    {
        if (Find(text) is { } known)
            return known;
        int[] ids = tokenize(text);
        lock (_gate)
            Keep(text, ids);
        return ids;
    }

    private int[]? Find(string text)
    {
        lock (_gate)
        {
            if (_young.TryGetValue(text, out int[]? ids))
                return ids;
            if (_old.TryGetValue(text, out ids))
                Keep(text, ids);
            return ids;
        }
    }

    private void Keep(string text, int[] ids)
    {
        // A little on top for the entry itself, so that short texts count as well.
        int size = text.Length + 32;
        if (size > capacity / 2 || !_young.TryAdd(text, ids))
            return;
        _youngCharacters += size;
        if (_youngCharacters <= capacity / 2)
            return;
        (_old, _young, _youngCharacters) = (_young, [], 0);
    }
}
