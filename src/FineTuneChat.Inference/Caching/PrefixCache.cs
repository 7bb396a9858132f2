using FineTuneChat.Inference.Running;

namespace FineTuneChat.Inference.Caching;

/// <summary>
/// Which sequence of the model's cache holds which tokens: those of replies that are being written, and of the last that ended, as far as
/// there is room. A prompt shares the longest beginning that it has in common with any of them that is of its scope: nothing is computed
/// or copied for it. Nobody learns from the number of shared tokens what another scope has asked.
/// Everything in it was computed with the same weights: another version of the model runs in another process.
/// </summary>
/// <param name="model">The cache itself.</param>
/// <param name="cells">Tokens that it holds, over all sequences.</param>
/// <param name="sequences">Its sequence ids run from 0 to sequences - 1.</param>
/// <param name="kept">
/// Most cells of the newest sequence that has ended; 0 = none is kept. Otherwise there are <see cref="SpareIds"/> more ids than live sequences.
/// </param>
/// <param name="together">
/// Most cells of it and older ones together. If less than <paramref name="kept"/>, the newest may be longer: older ones are dropped then.
/// </param>
/// <param name="canShare">Whether the model's kind of cache allows it.</param>
internal sealed class PrefixCache(IKeyValueCache model, int cells, int sequences, int kept, int together, bool canShare = true)
{
    /// <summary>Ids that must be there besides those of live sequences: one to share from, one to reuse for the new sequence.</summary>
    public const int SpareIds = 2;

    private readonly Stack<int> _freeIds = new(Enumerable.Range(0, sequences).Reverse());
    private readonly List<CachedSequence> _live = [];
    private readonly LinkedList<CachedSequence> _recent = []; // least recently used first
    private int _mark;

    public bool CanShare => canShare;

    /// <summary>Cells in use, and those reserved for tokens that are not computed yet.</summary>
    public int Used => Count(live: true, recent: true);

    /// <summary>Cells in use by replies that are being written.</summary>
    public int Live => Count(live: true, recent: false);

    /// <summary>Cells that nobody uses.</summary>
    public int Free => cells - Used;

    /// <summary>Takes a sequence in, with the longest beginning that can be shared already computed.</summary>
    /// <param name="tokens">The sequence's tokens.</param>
    /// <param name="count">How many of them there are. The last is never shared: its logits are needed.</param>
    /// <param name="scope">Whose beginnings it may share, and who may share its own.</param>
    /// <param name="reuse">Whether it may share any.</param>
    /// <param name="headroom">Cells that must be free beside it.</param>
    /// <returns>Null when there is no room beside the live ones. Alone it always enters.</returns>
    public CachedSequence? TryEnter(int[] tokens, int count, string scope, bool reuse, int headroom)
    {
        // 1. What it can share, and whether there would be room if all that has ended were forgotten.
        (CachedSequence? source, int shared) = reuse && canShare ? Longest(scope, tokens.AsSpan(0, count - 1)) : default;
        CellRange range = CellRange.Sharing(source?.Cells, shared);
        range.End = count;
        int needed = Live + range.Count(_mark); // counted after the live ones: only what these do not hold
        if (_live.Count > 0 && needed + headroom > cells)
            return null;

        // 2. The source was used now: it is dropped last.
        Touch(source);
        if (_freeIds.Count == 0)
            ForgetOldest();

        // 3. Share, then make room: shared cells stay even if the source is dropped.
        var entered = new CachedSequence(_freeIds.Pop(), scope, tokens, range) { Computed = shared };
        if (shared > 0)
            model.Share(source!.Id, entered.Id, shared);
        _live.Add(entered);
        TryFit();
        return entered;
    }

    /// <summary>Takes a sequence out that has ended. What is computed of it is kept for others.</summary>
    public void Leave(CachedSequence sequence)
    {
        _live.Remove(sequence);
        sequence.Cells.End = sequence.Computed;
        (CachedSequence? holder, int held) = Longest(sequence.Scope, sequence.Tokens);
        if (kept == 0 || held == sequence.Computed) // another holds all of it
        {
            Touch(holder);
            Forget(sequence);
            return;
        }

        for (LinkedListNode<CachedSequence>? node = _recent.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (node.Value.Scope != sequence.Scope || !sequence.Tokens.StartsWith(node.Value.Tokens))
                continue;
            _recent.Remove(node); // the longer one can do all that it could
            Forget(node.Value);
        }

        _recent.AddLast(sequence);
        while (_recent.Count > 0 && Count(live: false, recent: true) > (_recent.Count > 1 ? together : kept))
            ForgetOldest();
    }

    /// <summary>Forgets what was computed beyond a sequence's tokens.</summary>
    public void ForgetBeyond(CachedSequence sequence) => model.Forget(sequence.Id, sequence.Computed);

    /// <summary>Takes a sequence out whose cells are needed.</summary>
    public void Drop(CachedSequence sequence)
    {
        _live.Remove(sequence);
        Forget(sequence);
    }

    /// <summary>Forgets what has ended, least recently used first, until all reserved cells have room.</summary>
    /// <returns>False when the live sequences alone need more than there is.</returns>
    public bool TryFit()
    {
        while (Used > cells)
        {
            if (!ForgetOldest())
                return false;
        }

        return true;
    }

    /// <summary>Forgets the least recently used of the sequences that have ended.</summary>
    /// <returns>False when there is none.</returns>
    public bool ForgetOldest()
    {
        if (_recent.First?.Value is not { } oldest)
            return false;
        _recent.RemoveFirst();
        Forget(oldest);
        return true;
    }

    private void Touch(CachedSequence? sequence)
    {
        if (sequence is not null && _recent.Remove(sequence))
            _recent.AddLast(sequence);
    }

    private void Forget(CachedSequence sequence)
    {
        model.Forget(sequence.Id);
        _freeIds.Push(sequence.Id);
    }

    private (CachedSequence? Source, int Length) Longest(string scope, ReadOnlySpan<int> prompt)
    {
        (CachedSequence? Source, int Length) longest = (null, 0);
        foreach (CachedSequence sequence in _live)
            Compare(sequence, scope, prompt, ref longest);
        foreach (CachedSequence sequence in _recent)
            Compare(sequence, scope, prompt, ref longest);
        return longest;
    }

    private static void Compare(CachedSequence sequence, string scope, ReadOnlySpan<int> prompt, ref (CachedSequence? Source, int Length) longest)
    {
        if (sequence.Scope != scope)
            return;
        int common = sequence.Tokens.CommonPrefixLength(prompt);
        if (common > longest.Length)
            longest = (sequence, common);
    }

    private int Count(bool live, bool recent)
    {
        _mark++;
        int count = 0;
        for (int i = 0; live && i < _live.Count; i++)
            count += _live[i].Cells.Count(_mark);
        for (LinkedListNode<CachedSequence>? node = recent ? _recent.First : null; node is not null; node = node.Next)
            count += node.Value.Cells.Count(_mark);
        return count;
    }
}
