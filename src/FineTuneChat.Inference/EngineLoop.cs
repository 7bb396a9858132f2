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
    private readonly Speculator? _speculator;
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
        _speculator = options.Speculation != SpeculationMode.Off && runner.CanForgetLast ? new Speculator(options.Speculation) : null;
        _batch = new TokenBatch(runner.BatchSize);
        Statistics = new EngineStatistics(runner.CacheTokens, clock);
    }

    public EngineStatistics Statistics { get; }

    /// <summary>One round: plan → decode → sample → publish. A sequence with a draft gets several tokens, as long as they are those of the draft.</summary>
    /// <returns>False when there was nothing to do.</returns>
    public bool Step()
    {
        Statistics.Times.Begin();
        TakeRequests();
        DropCancelled();
        _scheduler.Plan(_plan);
        _speculator?.Draft(_plan, room: Math.Min(_runner.BatchSize - _plan.Tokens, _cache.Free));
        Statistics.Now(_scheduler, _cache);
        Statistics.Times.Passed(LoopPhase.Plan);
        if (_plan.IsEmpty)
            return false;

        long start = _clock.GetTimestamp();
        bool computed = Decode();
        Statistics.Times.Passed(LoopPhase.Decode);
        if (computed)
        {
            foreach ((Sequence sequence, int row) in _outputs)
                Write(sequence, row);
            if (_plan.Tokens == _outputs.Count) // nothing of a prompt, which is another kind of work
                _speculator?.Took(_batch.Count, _clock.GetElapsedTime(start).TotalMicroseconds);
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
        return new Sequence(generation, _options.ContextLength, choice, _speculator);
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
            int first = sequence.Computed, last = first + work.Tokens - 1, row = 0;
            for (int i = first; i <= last; i++)
                row = _batch.Add(new(sequence[i], i, id, Output: work.Completes && i == last));
            for (int i = 1; i <= sequence.Drafted; i++)
                _batch.Add(new(sequence[last + i], last + i, id, Output: true));
            if (work.Completes)
                _outputs.Add((sequence, row));
        }

        _runner.Use(_plan.Adapter);
        if (!_runner.Decode(_batch))
        {
            foreach (Work work in _plan.Work)
                work.Sequence.DropDraft();
            if (_scheduler.MakeRoom())
                return false;
            throw new InvalidOperationException(
                $"The cache of {_runner.CacheTokens} tokens has no room for a single reply of up to {_options.ContextLength}.");
        }

        foreach (Work work in _plan.Work)
        {
            work.Sequence.Computed += work.Tokens;
            work.Sequence.Drafter?.Computed(work.Sequence.Drafted);
        }

        Statistics.Computed(_plan);
        return true;
    }

    /// <summary>Samples the next token, and those after it whose rows were computed for the token that came.</summary>
    private void Write(Sequence sequence, int row)
    {
        int held = sequence.Computed + sequence.Drafted;
        bool goesOn = true, hasEnded = false;
        LlamaException? failure = null;
        try
        {
            for (; goesOn && !hasEnded; row++)
            {
                (int token, goesOn) = Sample(sequence, row);
                Statistics.Times.Passed(LoopPhase.Sample);
                hasEnded = Publish(sequence, token);
                Statistics.Times.Passed(LoopPhase.Publish);
            }
        }
        catch (LlamaException e) // this reply's sampler: its grammar leaves nothing to choose
        {
            failure = e;
        }

        if (sequence.Computed < held)
            _cache.ForgetBeyond(sequence.Place!);
        if (hasEnded || failure is not null)
            Release(sequence, failure);
    }

    private (int Token, bool IsDrafted) Sample(Sequence sequence, int row)
    {
        GenerationRequest request = sequence.Generation.Request;
        if (sequence.FirstToken is null)
            Begin(sequence, request);
        int token = sequence.Sampler.Sample(row);
        bool isDrafted = sequence.Append(token);
        Statistics.Wrote(sequence, isDrafted);
        sequence.Held?.Add(Softmax.Describe(_runner.LogitsOf(row), token, request.TopLogprobs ?? 0), sequence.Text.Decoded);
        return (token, isDrafted);
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

    /// <returns>Whether it was the reply's last token.</returns>
    private bool Publish(Sequence sequence, int token)
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
            return false;
        text = sequence.Text.Finish();
        Tell(sequence, text, Summarize(sequence, reason.Value));
        return true;
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
        return new(reason, sequence.PromptLength, sequence.Cached, sequence.Generated, prompt, _clock.GetElapsedTime(sequence.FirstToken.Value))
        {
            Drafts = sequence.Drafter?.Counts ?? default,
        };
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
