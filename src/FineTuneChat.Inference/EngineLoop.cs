using System.Threading.Channels;
using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Scheduling;

namespace FineTuneChat.Inference;

/// <summary>The heart of the engine: one step computes one batch for all replies at once. Runs on one thread, which alone touches the model.</summary>
internal sealed class EngineLoop(IModelRunner runner, EngineOptions options, ChannelReader<Generation> inbox, TimeProvider clock, Action released)
{
    private readonly Scheduler _scheduler = new(runner.CacheTokens, runner.BatchSize, runner.MaxSequences, options.PrefillChunk);
    private readonly StepPlan _plan = new();
    private readonly TokenBatch _batch = new(runner.BatchSize);
    private readonly List<(Sequence Sequence, int Row)> _outputs = [];

    /// <summary>One round: plan → decode → sample → publish.</summary>
    /// <returns>False when there was nothing to do.</returns>
    public bool Step()
    {
        TakeRequests();
        DropCancelled();
        _scheduler.Plan(_plan);
        if (_plan.IsEmpty)
            return false;

        if (Decode())
        {
            foreach ((Sequence sequence, int row) in _outputs)
                Publish(sequence, Sample(sequence, row));
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
        while (inbox.TryRead(out Generation? generation))
            _scheduler.Add(new Sequence(generation, options.ContextLength));
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

    /// <summary>Computes the planned tokens; false when the cache had no room after all and the youngest reply made way.</summary>
    private bool Decode()
    {
        foreach ((Sequence _, int slot) in _plan.Evicted)
            runner.Forget(slot);

        _batch.Clear();
        _outputs.Clear();
        foreach (Work work in _plan.Work)
        {
            Sequence sequence = work.Sequence;
            sequence.Started ??= clock.GetTimestamp();
            int row = 0;
            for (int i = 1; i <= work.Tokens; i++)
                row = _batch.Add(new(sequence[sequence.Computed + i - 1], sequence.Computed + i - 1, sequence.Slot, Output: work.Completes && i == work.Tokens));
            if (work.Completes)
                _outputs.Add((sequence, row));
        }

        if (!runner.Decode(_batch))
        {
            MakeRoom();
            return false;
        }

        foreach (Work work in _plan.Work)
            work.Sequence.Computed += work.Tokens;
        return true;
    }

    private void MakeRoom()
    {
        _plan.Clear();
        if (!_scheduler.EvictYoungest(_plan))
            throw new InvalidOperationException($"The cache of {runner.CacheTokens} tokens has no room for a single reply of up to {options.ContextLength}.");
        runner.Forget(_plan.Evicted[0].Slot);
    }

    private int Sample(Sequence sequence, int row)
    {
        sequence.Sampler ??= runner.CreateSampler(sequence.Generation.Request.Sampling, sequence.Generation.Request.Prompt);
        int token = sequence.Sampler.Sample(row);
        sequence.FirstToken ??= clock.GetTimestamp();
        sequence.Append(token);
        return token;
    }

    private void Publish(Sequence sequence, int token)
    {
        string text = "";
        FinishReason? reason = null;
        if (runner.EndsGeneration(token))
            reason = FinishReason.Stop;
        else if (sequence.Text.Append(runner.PieceOf(token), out text))
            reason = FinishReason.Stop;
        else if (sequence.IsFull)
            reason = FinishReason.Length;

        if (text.Length > 0)
            sequence.Generation.Publish(new(text, Summary: null));
        if (reason is null)
            return;
        sequence.Generation.Publish(new(sequence.Text.Finish(), Summarize(sequence, reason.Value)));
        Release(sequence);
    }

    private GenerationSummary Summarize(Sequence sequence, FinishReason reason)
    {
        TimeSpan prompt = clock.GetElapsedTime(sequence.Started!.Value, sequence.FirstToken!.Value);
        return new(reason, sequence.PromptLength, sequence.Cached, sequence.Generated, prompt, clock.GetElapsedTime(sequence.FirstToken.Value));
    }

    private void Release(Sequence sequence, Exception? error = null)
    {
        if (sequence.Slot >= 0)
            runner.Forget(sequence.Slot);
        _scheduler.Remove(sequence);
        sequence.Sampler?.Dispose();
        sequence.Generation.Complete(error);
        released();
    }
}
