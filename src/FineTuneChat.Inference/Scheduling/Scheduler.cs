namespace FineTuneChat.Inference.Scheduling;

/// <summary>
/// Decides what each step computes. Replies that are being written get one token each; prompts share what is left of the batch,
/// in chunks, so that writing never stalls. Requests enter in the order they came, as soon as the cache has room for their prompt.
/// When the replies outgrow the cache, the youngest gives its place back and waits again. Pure: it touches no model.
/// </summary>
internal sealed class Scheduler
{
    private const int Headroom = 32; // tokens per sequence that must be free before another enters: or it would be evicted at once

    private readonly int _cacheTokens;
    private readonly int _batchSize;
    private readonly int _prefillChunk;
    private readonly LinkedList<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];
    private readonly Stack<int> _freeSlots;

    public Scheduler(int cacheTokens, int batchSize, int maxSequences, int prefillChunk)
    {
        _cacheTokens = cacheTokens;
        _batchSize = batchSize;
        _prefillChunk = prefillChunk;
        _freeSlots = new Stack<int>(Enumerable.Range(0, maxSequences).Reverse());
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>Next one first.</summary>
    public LinkedList<Sequence> Waiting => _waiting;

    public void Add(Sequence sequence) => _waiting.AddLast(sequence);

    /// <summary>Takes out a sequence that ended or was cancelled, and gives its place to others.</summary>
    public void Remove(Sequence sequence)
    {
        if (_running.Remove(sequence))
            FreeSlot(sequence);
        else
            _waiting.Remove(sequence);
    }

    public void Plan(StepPlan plan)
    {
        plan.Clear();
        EvictUntilAllFit(plan); // 1. every running reply has grown by a token
        AdmitWaiting();         // 2. fill the room that is left
        int writing = PlanWriting(plan);
        PlanPrompts(plan, writing);
    }

    /// <summary>The youngest running sequence gives its place back; for a cache that is full although the count says otherwise.</summary>
    /// <returns>False when there is only one: nothing can be gained.</returns>
    public bool EvictYoungest(StepPlan plan)
    {
        if (_running.Count <= 1)
            return false;
        Sequence youngest = _running[^1];
        _running.RemoveAt(_running.Count - 1);
        plan.Evicted.Add((youngest, youngest.Slot));
        FreeSlot(youngest);
        youngest.Computed = 0;
        _waiting.AddFirst(youngest);
        return true;
    }

    private void EvictUntilAllFit(StepPlan plan)
    {
        while (Promised() > _cacheTokens && EvictYoungest(plan))
        {
        }
    }

    private void AdmitWaiting()
    {
        while (_freeSlots.Count > 0 && _waiting.First?.Value is { } next)
        {
            if (_running.Count > 0 && Promised() + next.Count + (Headroom * (_running.Count + 1)) > _cacheTokens)
                return; // those behind it wait too, or a long prompt would never get in
            _waiting.RemoveFirst();
            next.Slot = _freeSlots.Pop();
            _running.Add(next);
        }
    }

    private int PlanWriting(StepPlan plan)
    {
        int writing = 0;
        foreach (Sequence sequence in _running)
        {
            if (sequence.Pending != 1)
                continue;
            plan.Add(sequence, 1);
            writing++;
        }

        return writing;
    }

    /// <summary>Equal shares, so that a short prompt does not wait for a long one; what a short one leaves goes to the oldest.</summary>
    private void PlanPrompts(StepPlan plan, int writing)
    {
        int room = _batchSize - writing;
        if (writing > 0)
            room = Math.Min(room, _prefillChunk);
        Span<int> chunks = stackalloc int[_running.Count];

        int prompts = _running.Count - writing;
        int share = prompts > 0 ? Math.Max(1, room / prompts) : 0;
        foreach (int limit in (ReadOnlySpan<int>)[share, int.MaxValue])
        {
            for (int i = 0; i < _running.Count && room > 0; i++)
            {
                if (_running[i].Pending == 1)
                    continue;
                int more = Math.Min(Math.Min(_running[i].Pending - chunks[i], limit), room);
                chunks[i] += more;
                room -= more;
            }
        }

        for (int i = 0; i < chunks.Length; i++)
        {
            if (chunks[i] > 0)
                plan.Add(_running[i], chunks[i]);
        }
    }

    /// <summary>Cells that the running sequences hold or will hold for what they already have.</summary>
    private int Promised()
    {
        int tokens = 0;
        foreach (Sequence sequence in _running)
            tokens += sequence.Count;
        return tokens;
    }

    private void FreeSlot(Sequence sequence)
    {
        _freeSlots.Push(sequence.Slot);
        sequence.Slot = -1;
    }
}
