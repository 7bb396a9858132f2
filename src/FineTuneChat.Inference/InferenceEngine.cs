using System.Threading.Channels;
using FineTuneChat.Inference.Running;
using FineTuneChat.Inference.Scheduling;

namespace FineTuneChat.Inference;

/// <summary>Writes replies to many requests at a time with one model: every step computes one batch for all of them. Thread-safe.</summary>
public sealed class InferenceEngine : IAsyncDisposable
{
    private const int Unchanged = 0;

    private readonly IModelRunner _runner;
    private readonly TimeProvider _clock;
    private readonly Admission _admission;
    private readonly EngineLoop _loop;
    private readonly Channel<Generation> _inbox = Channel.CreateUnbounded<Generation>(new() { SingleReader = true }); // bounded by _admission
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _threads = Unchanged;

    /// <summary>Starts the engine's thread.</summary>
    /// <param name="runner">The model; the engine disposes it.</param>
    /// <param name="options">Limits.</param>
    /// <param name="clock">For the times in summaries.</param>
    /// <exception cref="ArgumentException">One request may use more than the cache holds, or the batch has no room for a token of each sequence.</exception>
    public InferenceEngine(IModelRunner runner, EngineOptions options, TimeProvider clock)
    {
        if (options.ContextLength > runner.CacheTokens)
            throw new ArgumentException($"A context of {options.ContextLength} tokens does not fit the cache of {runner.CacheTokens}.", nameof(options));
        int parallel = options.Parallel ?? runner.MaxSequences, most = Math.Min(runner.MaxSequences, runner.BatchSize);
        if (parallel < 1 || parallel > most)
        {
            string allowed = $"from 1 to {most} fit the model's {runner.MaxSequences} sequences and its batch of {runner.BatchSize} tokens";
            throw new ArgumentException($"{parallel} replies at a time: {allowed}.", nameof(options));
        }

        _runner = runner;
        _clock = clock;
        Parallel = parallel;
        _admission = new Admission(parallel + options.MaxQueue);
        ContextLength = options.ContextLength;
        _loop = new EngineLoop(runner, options, _inbox.Reader, clock, released: _admission.Leave);
        new Thread(Run) { Name = "engine", IsBackground = true }.Start();
    }

    /// <summary>Most tokens of one request, prompt and reply together.</summary>
    public int ContextLength { get; }

    /// <summary>Requests that run or wait.</summary>
    public int Requests => _admission.Requests;

    /// <summary>What it has done so far, and does now.</summary>
    public EngineStatistics Statistics => _loop.Statistics;

    /// <summary>Replies that are written at a time; more wait.</summary>
    public int Parallel { get; }

    /// <summary>Ends when the engine has stopped; faulted when the model failed: the engine is then of no more use.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Hands in a request.</summary>
    /// <param name="request">What to write.</param>
    /// <param name="cancellation">Gives the reply up, within one step: in the queue, in the prompt, while writing.</param>
    /// <exception cref="ArgumentException">The prompt is empty.</exception>
    /// <exception cref="Native.Llama.LlamaException">Its grammar cannot be read.</exception>
    public Submission Submit(GenerationRequest request, CancellationToken cancellation)
    {
        if (request.Prompt.Count == 0)
            throw new ArgumentException("The prompt is empty.", nameof(request));
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Choices, 1);
        if (request.Prompt.Count >= ContextLength)
            return new(SubmissionOutcome.PromptTooLong);
        if (Completion.IsCompleted)
            return new(SubmissionOutcome.Stopped);

        if (!_admission.TryEnter(request.Client))
            return new(SubmissionOutcome.QueueFull);
        bool isAccepted = false;
        try
        {
            var generation = new Generation(request, Samplers(request), cancellation, _clock.GetTimestamp());
            isAccepted = _inbox.Writer.TryWrite(generation);
            if (isAccepted)
                return new(SubmissionOutcome.Accepted, generation);
            generation.Complete();
            return new(SubmissionOutcome.Stopped);
        }
        finally
        {
            if (!isAccepted)
                _admission.Leave(request.Client);
        }
    }

    /// <summary>Changes the number of compute threads from the next step on.</summary>
    /// <param name="threads">At least 1.</param>
    public void SetThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Interlocked.Exchange(ref _threads, threads);
    }

    /// <summary>Stops after the step in progress; replies that are not finished end with an <see cref="OperationCanceledException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        _inbox.Writer.TryComplete();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Made by the thread of the request: a grammar or DRY takes longer than a step of the loop. Each reply has its own randomness.</summary>
    private ITokenSampler[] Samplers(GenerationRequest request)
    {
        var samplers = new ITokenSampler[request.Choices];
        for (int choice = 0; choice < samplers.Length; choice++)
            samplers[choice] = _runner.CreateSampler(request.Sampling with { Seed = unchecked(request.Sampling.Seed + (uint)choice) }, request.Prompt);
        return samplers;
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            while (!_inbox.Reader.Completion.IsCompleted)
            {
                if (Interlocked.Exchange(ref _threads, Unchanged) is var threads and not Unchanged)
                    _runner.SetThreads(threads);
                if (!_loop.Step() && !WaitForRequests())
                    break;
            }
        }
        catch (Exception e) // whatever it was, nobody else can answer the requests
        {
            failure = e;
        }

        _inbox.Writer.TryComplete();
        _loop.Fail(failure ?? new OperationCanceledException("The engine has stopped."));
        _runner.Dispose();
        if (failure is null)
            _completion.SetResult();
        else
            _completion.SetException(failure);
    }

    private bool WaitForRequests() => _inbox.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();
}
