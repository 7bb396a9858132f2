using FineTuneChat.Inference.Caching;
using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Scheduling;

namespace FineTuneChat.Inference;

/// <summary>Figures of an engine since its start. Written by its thread, read by any: each is right by itself.</summary>
public sealed class EngineStatistics
{
    private static readonly double[] Bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]; // seconds

    private readonly long[] _firstTokens = new long[Bounds.Length + 1]; // by bound; the last is for longer ones
    private Adapter? _adapter; // of the last batch

    internal EngineStatistics(int cacheTokens, TimeProvider clock)
    {
        CacheTokens = cacheTokens;
        Times = new LoopTimes(clock);
    }

    /// <summary>What the loop's time is spent on.</summary>
    public LoopTimes Times { get; }

    /// <summary>Bytes of managed memory that the loop's thread has asked for. A reply costs some when it begins; a token no more than its text.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Prompt tokens that were computed; those of replies that were preempted count again.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>Prompt tokens that were found in the cache.</summary>
    public long CachedTokens { get; private set; }

    /// <summary>Time from a prompt's start to its first token, of all requests.</summary>
    public TimeSpan PromptTime { get; private set; }

    /// <summary>Tokens written.</summary>
    public long GeneratedTokens { get; private set; }

    /// <summary>Guessed tokens that were computed along with others.</summary>
    public long DraftedTokens { get; private set; }

    /// <summary>Those of them that the sampler then chose.</summary>
    public long AcceptedTokens { get; private set; }

    /// <summary>Time from a reply's first token to its end, of all replies.</summary>
    public TimeSpan GenerationTime { get; private set; }

    /// <summary>Batches computed.</summary>
    public long Batches { get; private set; }

    /// <summary>Sequences in these batches.</summary>
    public long BatchSequences { get; private set; }

    /// <summary>Batches with another adapter than the one before.</summary>
    public long AdapterChanges { get; private set; }

    /// <summary>Tokens of the longest sequence so far.</summary>
    public int LongestSequence { get; private set; }

    /// <summary>Replies that are being written.</summary>
    public int Running { get; private set; }

    /// <summary>Replies that wait for a place.</summary>
    public int Waiting { get; private set; }

    /// <summary>Cells of the cache in use, by running replies or kept of ended ones.</summary>
    public int UsedTokens { get; private set; }

    /// <summary>Cells of the cache.</summary>
    public int CacheTokens { get; }

    /// <summary>Time from a request's arrival to its first token, waiting included: number of requests.</summary>
    public long FirstTokens { get; private set; }

    /// <summary>As <see cref="FirstTokens"/>: the sum.</summary>
    public TimeSpan FirstTokenTime { get; private set; }

    /// <summary>As <see cref="FirstTokens"/>: for each of some bounds, how many took at most so many seconds.</summary>
    public IReadOnlyList<(double Seconds, long Requests)> FirstTokenHistogram
    {
        get
        {
            long sum = 0;
            return [.. Bounds.Select((bound, i) => (bound, sum += _firstTokens[i]))];
        }
    }

    internal void Computed(StepPlan plan)
    {
        Batches++;
        if (plan.Adapter != _adapter)
            AdapterChanges++;
        _adapter = plan.Adapter;
        BatchSequences += plan.Work.Length;
        foreach (Work work in plan.Work)
        {
            DraftedTokens += work.Sequence.Drafted;
            if (work.Sequence.Generated == 0)
                PromptTokens += work.Tokens;
        }
    }

    internal void Began(int cachedTokens, TimeSpan promptTime, TimeSpan sinceArrival)
    {
        CachedTokens += cachedTokens;
        PromptTime += promptTime;
        FirstTokens++;
        FirstTokenTime += sinceArrival;
        int bound = Array.FindIndex(Bounds, b => sinceArrival.TotalSeconds <= b);
        _firstTokens[bound >= 0 ? bound : Bounds.Length]++;
    }

    internal void Wrote(Sequence sequence, bool isDrafted)
    {
        GeneratedTokens++;
        AcceptedTokens += isDrafted ? 1 : 0;
        LongestSequence = Math.Max(LongestSequence, sequence.Count);
    }

    internal void Ended(TimeSpan generationTime) => GenerationTime += generationTime;

    internal void Now(Scheduler scheduler, PrefixCache cache)
    {
        Running = scheduler.Running.Count;
        Waiting = scheduler.Waiting.Count;
        UsedTokens = cache.Used;
        AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }
}
