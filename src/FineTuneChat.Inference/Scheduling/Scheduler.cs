using FineTuneChat.Inference.Caching;

namespace FineTuneChat.Inference.Scheduling;

/// <summary>
/// Decides what each step computes. Replies that are being written get one token each; prompts share what is left of the batch,
/// in chunks, so that writing never stalls. Requests enter in the order they came, as soon as the cache has room for their prompt;
/// only one that begins as another which is just being read waits for that, to share it.
/// When the replies outgrow the cache, the youngest gives its place back and waits again. Pure: it computes nothing.
/// </summary>
internal sealed class Scheduler
{
    private const int WorthWaiting = 64; // tokens; fewer are computed as fast as waited for
    private const int Headroom = 32; // tokens per sequence that must be free before another enters: or it would be evicted at once

    private readonly PrefixCache _cache;
    private readonly int _batchSize;
    private readonly int _parallel;
    private readonly int _prefillChunk;
    private readonly LinkedList<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];

    public Scheduler(PrefixCache cache, int batchSize, int parallel, int prefillChunk)
    {
        _cache = cache;
        _batchSize = batchSize;
        _parallel = parallel;
        _prefillChunk = prefillChunk;
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>Next one first.</summary>
    public LinkedList<Sequence> Waiting => _waiting;

    public void Add(Sequence sequence) => _waiting.AddLast(sequence);

    /// <summary>Adds one that goes before all that wait.</summary>
    public void AddNext(Sequence sequence) => _waiting.AddFirst(sequence);

    /// <summary>Takes out a sequence that ended or was cancelled, and gives its place to others.</summary>
    public void Remove(Sequence sequence)
    {
        if (_running.Remove(sequence))
            _cache.Leave(sequence.Place!);
        else
            _waiting.Remove(sequence);
    }

    public void Plan(StepPlan plan)
    {
        plan.Clear();
        EvictUntilAllFit(); // 1. every running reply has grown by a token
        AdmitWaiting();     // 2. fill the room that is left
        int writing = PlanWriting(plan);
        PlanPrompts(plan, writing);
    }

    /// <summary>For a cache that is full although the count says otherwise.</summary>
    /// <returns>False when nothing can be gained: there is one sequence only.</returns>
    public bool MakeRoom() => _cache.ForgetOldest() || EvictYoungest();

    private void EvictUntilAllFit()
    {
        while (!_cache.TryFit() && EvictYoungest())
        {
        }
    }

    private bool EvictYoungest()
    {
        if (_running.Count <= 1)
            return false;
        Sequence youngest = _running[^1];
        _running.RemoveAt(_running.Count - 1);
        youngest.GiveWay(_cache);
        _waiting.AddFirst(youngest);
        return true;
    }

    private void AdmitWaiting()
    {
        for (LinkedListNode<Sequence>? node = _waiting.First, next; node is not null && _running.Count < _parallel; node = next)
        {
            next = node.Next;
            if (IsBeingComputed(node.Value))
                continue;
            if (!node.Value.TryEnter(_cache, Headroom * (_running.Count + 1)))
                return; // those behind it wait too, or a long prompt would never get in
            _waiting.Remove(node);
            _running.Add(node.Value);
        }
    }

    /// <summary>Whether a running prompt begins like this one and is still being computed: soon all that can be shared.</summary>
    private bool IsBeingComputed(Sequence waiting)
    {
        foreach (Sequence running in _running)
        {
            if (_cache.CanShare && running.Pending > 1 && waiting.CommonWith(running) is >= WorthWaiting and var common && running.Computed < common)
                return true;
        }

        return false;
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
}
