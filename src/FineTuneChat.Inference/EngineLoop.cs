using System.Threading.Channels;
using FineTuneChat.Inference.Caching;
using FineTuneChat.Inference.Logprobs;
using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Scheduling;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Inference;

/// <summary>
/// The heart of the engine: one step computes one batch for all replies at once. Runs on one thread, which alone touches the model.
/// </summary>
internal sealed class EngineLoop
{
    private readonly IModelRunner _runner;
    private readonly EngineOptions _options;
    private readonly ChannelReader<Generation> _inbox;
    private readonly TimeProvider _clock;
    private readonly Action<string> _released;
    private readonly PrefixCache _cache;
    private readonly Scheduler _scheduler;
    private readonly StepPlan _plan = new();
    private readonly TokenBatch _batch;
    private readonly List<(Sequence Sequence, int Row)> _outputs = [];

    /// <param name="runner">The model.</param>
    /// <param name="options">Limits.</param>
    /// <param name="inbox">New requests.</param>
    /// <param name="clock">For the times in summaries.</param>
    /// <param name="released">Called with the client when a request has ended.</param>
    public EngineLoop(IModelRunner runner, EngineOptions options, ChannelReader<Generation> inbox, TimeProvider clock, Action<string> released)
    {
        (_runner, _options, _inbox, _clock, _released) = (runner, options, inbox, clock, released);
        int parallel = options.Parallel ?? runner.MaxSequences;
        bool keeps = runner.CanSharePrefixes && runner.MaxSequences >= parallel + PrefixCache.SpareIds;
        int kept = keeps ? options.KeptTokens ?? options.ContextLength : 0;
        int together = options.KeptTokens ?? options.ContextLength / 4;
        _cache = new PrefixCache(runner, runner.CacheTokens, runner.MaxSequences, kept, together, runner.CanSharePrefixes);
        _scheduler = new Scheduler(_cache, runner.BatchSize, parallel, options.PrefillChunk, clock);
        _batch = new TokenBatch(runner.BatchSize);
        Statistics = new EngineStatistics(runner.CacheTokens, clock);
    }

    public EngineStatistics Statistics { get; }

    /// <summary>One round: plan → decode → sample → publish.</summary>
    /// <returns>False when there was nothing to do.</returns>
    public bool Step()
    {
        Statistics.Times.Begin();
        TakeRequests();
        DropCancelled();
        _scheduler.Plan(_plan);
        Statistics.Now(_scheduler, _cache);
        Statistics.Times.Passed(LoopPhase.Plan);
        if (_plan.IsEmpty)
            return false;

        bool computed = Decode();
        Statistics.Times.Passed(LoopPhase.Decode);
        if (computed)
        {
            foreach ((Sequence sequence, int row) in _outputs)
                Write(sequence, row);
        }

        return true;
    }

    /// <summary>Ends every request with an error.</summary>
    public void Fail(Exception error)
    {
        TakeRequests();
        foreach (Sequence sequence in _scheduler.Running.Concat(_scheduler.Waiting).ToArray())
            Release(sequence, error);
    }

    private void TakeRequests()
    {
        while (_inbox.TryRead(out Generation? generation))
            _scheduler.Add(NewSequence(generation, choice: 0));
    }

    private Sequence NewSequence(Generation generation, int choice)
    {
        generation.Sequences++;
        return new Sequence(generation, _options.ContextLength, choice);
    }

    private void DropCancelled()
    {
        for (int i = _scheduler.Running.Count - 1; i >= 0; i--)
        {
            if (_scheduler.Running[i].Generation.IsCancelled)
                Release(_scheduler.Running[i]);
        }

        for (LinkedListNode<Sequence>? node = _scheduler.Waiting.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (node.Value.Generation.IsCancelled)
                Release(node.Value);
        }
    }

    /// <summary>Computes the planned tokens; false when the cache had no room after all and something was preempted.</summary>
    private bool Decode()
    {
        _batch.Clear();
        _outputs.Clear();
        foreach (Work work in _plan.Work)
        {
            Sequence sequence = work.Sequence;
            sequence.Started ??= _clock.GetTimestamp();
            int id = sequence.Place!.Id;
            int row = 0;
            for (int i = 1; i <= work.Tokens; i++)
                row = _batch.Add(new(sequence[sequence.Computed + i - 1], sequence.Computed + i - 1, id, Output: work.Completes && i == work.Tokens));
            if (work.Completes)
                _outputs.Add((sequence, row));
        }

        _runner.Use(_plan.Adapter);
        if (!_runner.Decode(_batch))
        {
            if (_scheduler.MakeRoom())
                return false;
            throw new InvalidOperationException(
                $"The cache of {_runner.CacheTokens} tokens has no room for a single reply of up to {_options.ContextLength}.");
        }

        foreach (Work work in _plan.Work)
            work.Sequence.Computed += work.Tokens;
        Statistics.Computed(_plan);
        return true;
    }

    private void Write(Sequence sequence, int row)
    {
        try
        {
            int token = Sample(sequence, row);
            Statistics.Times.Passed(LoopPhase.Sample);
            Publish(sequence, token);
        }
        catch (LlamaException e) // this reply's sampler: its grammar leaves nothing to choose
        {
            Release(sequence, e);
        }

        Statistics.Times.Passed(LoopPhase.Publish);
    }

    private int Sample(Sequence sequence, int row)
    {
        GenerationRequest request = sequence.Generation.Request;
        if (sequence.FirstToken is null)
            Begin(sequence, request);
        int token = sequence.Sampler.Sample(row);
        sequence.Append(token);
        Statistics.Wrote(sequence);
        sequence.Held?.Add(Softmax.Describe(_runner.LogitsOf(row), token, request.TopLogprobs ?? 0), sequence.Text.Decoded);
        return token;
    }

    /// <summary>The prompt is computed: the first choice goes on at once, the others begin now and share its prompt.</summary>
    private void Begin(Sequence sequence, GenerationRequest request)
    {
        long now = _clock.GetTimestamp();
        sequence.FirstToken = now;
        if (sequence.Choice == 0)
        {
            TimeSpan prefill = _clock.GetElapsedTime(sequence.Started!.Value, now);
            Statistics.Began(sequence.Cached, prefill, _clock.GetElapsedTime(sequence.Generation.Submitted, now));
        }

        for (int choice = request.Choices - 1; choice > 0 && sequence.Choice == 0; choice--)
            _scheduler.AddNext(NewSequence(sequence.Generation, choice));
    }

    private void Publish(Sequence sequence, int token)
    {
        string text = "";
        FinishReason? reason = null;
        if (_runner.EndsGeneration(token))
            reason = FinishReason.Stop;
        else if (sequence.Text.Append(PieceOf(sequence, token), out text))
            reason = FinishReason.Stop;
        else if (sequence.IsFull)
            reason = FinishReason.Length;

        if (text.Length > 0)
            Tell(sequence, text, summary: null);
        if (reason is null)
            return;
        text = sequence.Text.Finish();
        Tell(sequence, text, Summarize(sequence, reason.Value));
        Release(sequence);
    }

    private ReadOnlySpan<byte> PieceOf(Sequence sequence, int token) =>
        sequence.Generation.Request.Sampling.Markers.TryGetValue(token, out byte[]? marker) ? marker : _runner.PieceOf(token);

    private static void Tell(Sequence sequence, string text, GenerationSummary? summary)
    {
        long told = summary?.Reason == FinishReason.Length ? long.MaxValue : sequence.Text.Shown;
        sequence.Generation.Publish(new(text, summary, sequence.Choice, sequence.Held?.Take(told), sequence.Generated));
    }

    private GenerationSummary Summarize(Sequence sequence, FinishReason reason)
    {
        TimeSpan prompt = _clock.GetElapsedTime(sequence.Started!.Value, sequence.FirstToken!.Value);
        return new(reason, sequence.PromptLength, sequence.Cached, sequence.Generated, prompt, _clock.GetElapsedTime(sequence.FirstToken.Value));
    }

    private void Release(Sequence sequence, Exception? error = null)
    {
        _scheduler.Remove(sequence);
        sequence.Sampler.Dispose();
        if (sequence.FirstToken is { } first)
            Statistics.Ended(_clock.GetElapsedTime(first));
        if (--sequence.Generation.Sequences > 0)
            return;
        sequence.Generation.Complete(error);
        _released(sequence.Generation.Request.Client);
    }
}
