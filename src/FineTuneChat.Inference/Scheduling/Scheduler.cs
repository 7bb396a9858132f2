using FineTuneChat.Inference.Caching;

namespace FineTuneChat.Inference.Scheduling;

/// <summary>
/// Decides what each step computes. Replies that are being written get one token each; prompts share what is left of the batch,
/// in chunks, so that writing never stalls. Clients take turns: a free place goes to the client that has fewest, and one that has none
/// gets a place of a client that has several; within a client, first come, first served. A request enters as soon as the cache has room
/// for its prompt; only one that begins as another which is just being read waits for that, to share it.
/// When the replies outgrow the cache, one is preempted and waits again. A step is of one adapter: <see cref="AdapterTurns"/> says which.
/// Pure: it computes nothing.
/// </summary>
internal sealed class Scheduler
{
    private const int WorthWaiting = 64; // tokens; fewer are computed as fast as waited for
    private const int Headroom = 32; // tokens per sequence that must be free before another enters: or it would be preempted at once

    private readonly PrefixCache _cache;
    private readonly int _batchSize;
    private readonly int _parallel;
    private readonly int _prefillChunk;
    private readonly LinkedList<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];
    private readonly Clients _clients = new();
    private readonly AdapterTurns _turns;

    public Scheduler(PrefixCache cache, int batchSize, int parallel, int prefillChunk, TimeProvider clock)
    {
        _turns = new AdapterTurns(clock);
        _cache = cache;
        _batchSize = batchSize;
        _parallel = parallel;
        _prefillChunk = prefillChunk;
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>In the order they came, those that were preempted before them.</summary>
    public LinkedList<Sequence> Waiting => _waiting;

    public void Add(Sequence sequence)
    {
        _clients.Join(sequence);
        _waiting.AddLast(sequence);
    }

    /// <summary>Adds one that goes before all others of its client that wait.</summary>
    public void AddNext(Sequence sequence)
    {
        _clients.Join(sequence);
        _waiting.AddFirst(sequence);
    }

    /// <summary>Takes out a sequence that ended or was cancelled, and gives its place to others.</summary>
    public void Remove(Sequence sequence)
    {
        if (_running.Remove(sequence))
        {
            _cache.Leave(sequence.Place!);
            sequence.Client.Running--;
        }
        else
        {
            _waiting.Remove(sequence);
        }

        _clients.Part(sequence);
    }

    public void Plan(StepPlan plan)
    {
        plan.Clear();
        PreemptUntilAllFit(); // 1. every running reply has grown by a token
        AdmitWaiting();       // 2. fill the room that is left
        if (_running.Count == 0)
            return;
        plan.Adapter = _turns.Next(_running); // 3. all that this adapter can do now
        int writing = PlanWriting(plan);
        PlanPrompts(plan, writing);
    }

    /// <summary>Called when the model's cache has no room although by our count it should.</summary>
    /// <returns>False when nothing can be gained: there is one sequence only.</returns>
    public bool MakeRoom() => _cache.ForgetOldest() || PreemptOne();

    private void PreemptUntilAllFit()
    {
        while (!_cache.TryFit() && PreemptOne())
        {
        }
    }

    /// <summary>For a cache that is too small: what the reply has computed is dropped.</summary>
    private bool PreemptOne()
    {
        if (_running.Count <= 1)
            return false;
        Preempt(Clients.LastOfLargest(_running), keep: false);
        return true;
    }

    private void Preempt(Sequence sequence, bool keep)
    {
        _running.Remove(sequence);
        sequence.Client.Running--;
        sequence.Preempt(_cache, keep);
        _waiting.AddFirst(sequence);
    }

    private void AdmitWaiting()
    {
        while (NextToAdmit() is { } next)
        {
            if (_running.Count < _parallel && next.TryEnter(_cache, Headroom * (_running.Count + 1)))
            {
                _waiting.Remove(next);
                _running.Add(next);
                _clients.Admitted(next);
            }
            else if (!PreemptFor(next))
            {
                return; // the others wait too, or a long prompt would never get in
            }
        }
    }

    /// <summary>The first one of the client whose turn it is.</summary>
    private Sequence? NextToAdmit()
    {
        if (_running.Count == _parallel && !_clients.AreSeveral)
            return null; // the usual case of a full batch, in which there is nothing to share out
        Sequence? next = null;
        foreach (Sequence sequence in _waiting)
        {
            if ((next is null || sequence.Client.GoesBefore(next.Client)) && !IsBeingComputed(sequence))
                next = sequence;
        }

        return next;
    }

    /// <summary>
    /// A client that has no place gets one of a client that has several: the youngest reply of that one waits again. What it has computed
    /// stays in the cache as if it had ended, so that it can soon go on.
    /// </summary>
    private bool PreemptFor(Sequence waiting)
    {
        if (waiting.Client.Running > 0 || _running.Count == 0 || Clients.LastOfLargest(_running) is not { Client.Running: > 1 } youngest)
            return false;
        Preempt(youngest, keep: true);
        return true;
    }

    /// <summary>Whether a running prompt begins like this one and is still being computed: soon the common part can be shared.</summary>
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
            if (sequence.Pending != 1 || sequence.Adapter != plan.Adapter)
                continue;
            plan.Add(sequence, 1);
            writing++;
        }

        return writing;
    }

    /// <summary>Equal shares, so that a short prompt does not wait for a long one; what a short one leaves goes to the oldest.</summary>
    private void PlanPrompts(StepPlan plan, int writing)
    {
        int room = _batchSize - writing, prompts = 0;
        foreach (Sequence sequence in _running)
        {
            if (sequence.Pending == 1)
                room = Math.Min(room, _prefillChunk); // of another adapter, too: it waits for this step
            else if (sequence.Adapter == plan.Adapter)
                prompts++;
        }

        Span<int> chunks = stackalloc int[_running.Count];
        int share = prompts > 0 ? Math.Max(1, room / prompts) : 0;
        foreach (int limit in (ReadOnlySpan<int>)[share, int.MaxValue])
        {
            for (int i = 0; i < _running.Count && room > 0; i++)
            {
                if (_running[i].Pending == 1 || _running[i].Adapter != plan.Adapter)
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
