using System.Threading.Channels;
using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Speculation;

namespace FineTuneChat.Inference;

/// <summary>
/// The replies to one request, while they are written. The events of each come in order; its last one has a summary. A cancelled one ends
/// without.
/// </summary>
public sealed class Generation
{
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(new() { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _cancellation;
    private readonly ITokenSampler?[] _samplers;

    /// <param name="request">What to write.</param>
    /// <param name="samplers">One for each of its replies.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <param name="submitted">Clock reading.</param>
    internal Generation(GenerationRequest request, ITokenSampler[] samplers, CancellationToken cancellation, long submitted = 0)
    {
        Request = request;
        CacheScope = $"{request.Adapter?.Number ?? 0} {request.CacheScope}";
        Submitted = submitted;
        _samplers = samplers;
        _cancellation = cancellation;
    }

    /// <summary>
    /// What was written, as it is written. Completes with the engine's exception when the engine fails.
    /// </summary>
    public ChannelReader<GenerationEvent> Events => _events.Reader;

    /// <summary>Completes when the engine has let go of it: nothing of it, its adapter neither, is computed any more.</summary>
    public Task Ended => _ended.Task;

    internal GenerationRequest Request { get; }

    /// <summary>The request's, of its adapter: with other weights the same tokens have other keys and values.</summary>
    internal string CacheScope { get; }

    /// <summary>Clock reading.</summary>
    internal long Submitted { get; }

    /// <summary>Its sequences that run or wait. Only the loop's thread uses it.</summary>
    internal int Sequences { get; set; }

    /// <summary>The loop asks at every step, so that no callback runs on another thread.</summary>
    internal bool IsCancelled => _cancellation.IsCancellationRequested;

    /// <summary>The sampler of a reply. The caller disposes it.</summary>
    internal ITokenSampler TakeSampler(int choice)
    {
        ITokenSampler sampler = _samplers[choice]!;
        _samplers[choice] = null;
        return sampler;
    }

    internal void Publish(GenerationEvent next) => _events.Writer.TryWrite(next);

    internal void Complete(Exception? error = null)
    {
        foreach (ITokenSampler? sampler in _samplers)
            sampler?.Dispose(); // of a reply that never began
        _events.Writer.TryComplete(error);
        _ended.TrySetResult();
    }
}

/// <summary>A piece of a reply.</summary>
/// <param name="Text">Whole characters, never empty but in the last event.</param>
/// <param name="Summary">In the reply's last event only.</param>
/// <param name="Choice">Which of the request's replies, from 0.</param>
/// <param name="Tokens">Those that begin in this text, where the request asks for their probabilities. The one that ended the reply is not told.</param>
/// <param name="Written">Tokens of this reply so far, those of this text included.</param>
public readonly record struct GenerationEvent(string Text, GenerationSummary? Summary, int Choice = 0, IReadOnlyList<SampledToken>? Tokens = null,
    int Written = 0);

/// <summary>How a reply ended, and what it took.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt, reused ones included.</param>
/// <param name="CachedTokens">Prompt tokens that were reused.</param>
/// <param name="GeneratedTokens">Tokens written, the one that ended the reply included.</param>
/// <param name="PromptTime">From the start of the prompt's computation to the first token.</param>
/// <param name="GenerationTime">From the first token to the last.</param>
public sealed record GenerationSummary(FinishReason Reason, int PromptTokens, int CachedTokens, int GeneratedTokens, TimeSpan PromptTime,
    TimeSpan GenerationTime)
{
    /// <summary>Tokens that were computed ahead.</summary>
    public DraftCounts Drafts { get; init; }
}

/// <summary>Why a reply ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended its turn, or a stop text came.</summary>
    Stop,

    /// <summary>The token limit or the context's end was reached.</summary>
    Length,
}
