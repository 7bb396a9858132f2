using System.Threading.Channels;
using FineTuneChat.Engine.Replies;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Engine.Completions;

/// <summary>Hands prompts to the engine and writes what comes back, in any form. When the client leaves, the engine stops within a step.</summary>
internal static partial class GenerationRunner
{
    private static readonly TimeSpan QueueRetry = TimeSpan.FromSeconds(2), LongestRetry = TimeSpan.FromMinutes(2);

    /// <param name="http">The client.</param>
    /// <param name="model">Who answers.</param>
    /// <param name="requests">One for each prompt, alike but for it.</param>
    /// <param name="reply">The form of the answer.</param>
    /// <param name="stream">Whether it is streamed.</param>
    /// <param name="clock">How long it takes.</param>
    /// <param name="log">What happened; never what was said.</param>
    /// <exception cref="OpenAiException">400: a prompt is too long; 429: no place is free; 500 or 503: the engine has failed.</exception>
    public static async Task RunAsync(
        HttpContext http, ServedModel model, IReadOnlyList<GenerationRequest> requests, IReplyShape reply, bool stream, TimeProvider clock, ILogger log)
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using ModelCall call = ModelCall.OfServer(reply.Operation, reply.Model);
        long began = clock.GetTimestamp();
        var generations = new List<Generation>();
        try
        {
            foreach (GenerationRequest request in requests)
                generations.Add(Submit(model, AskedBy(http, request), reply.PromptName, givenUp.Token));
            ChannelReader<GenerationEvent> events = Merge(generations, reply.Choices / reply.Prompts);
            ReplyTotals totals = stream
                ? await ReplyWriter.StreamAsync(http, events, reply)
                : await ReplyWriter.AnswerAsync(http, events, reply);
            call.EndOfServer(
                clock.GetElapsedTime(began), totals.PromptTime, totals.GenerationTime, totals.PromptTokens, totals.GeneratedTokens);
            LogAnswered(
                log,
                totals.PromptTokens,
                totals.CachedTokens,
                totals.GeneratedTokens,
                totals.PromptTime.TotalMilliseconds,
                totals.GenerationTime.TotalMilliseconds);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            call.Fail("cancelled");
            LogClientLeft(log);
        }
        catch (Exception e) when (e is not OpenAiException)
        {
            call.Fail(e.GetType().Name);
            LogFailed(log, e);
            if (!http.Response.HasStarted) // otherwise the stream has told it
                throw ReplyWriter.Failed();
        }
        finally
        {
            await givenUp.CancelAsync();
            await Task.WhenAll(generations.Select(g => g.Ended)); // within a step; until then it computes with the request's adapter
        }
    }

    /// <summary>The gateway says who asks. A direct client, which is a program on this machine, may do so, too.</summary>
    private static GenerationRequest AskedBy(HttpContext http, GenerationRequest request) => request with
    {
        CacheScope = http.Request.Headers[EngineHeaders.CacheScope].ToString(),
        Client = http.Request.Headers[EngineHeaders.Client].FirstOrDefault() ?? http.Connection.RemoteIpAddress?.ToString() ?? "",
    };

    private static Generation Submit(ServedModel model, GenerationRequest request, string promptName, CancellationToken cancellation)
    {
        Submission submission = model.Engine.Submit(request, cancellation);
        return submission.Outcome switch
        {
            SubmissionOutcome.Accepted => submission.Generation!,
            SubmissionOutcome.PromptTooLong => throw OpenAiException.ContextLengthExceeded(promptName, request.Prompt.Count, model.Engine.ContextLength),
            SubmissionOutcome.QueueFull => throw OpenAiException.QueueFull(model.Engine.Requests, RetryAfter(model.Engine)),
            _ => throw OpenAiException.Unavailable("The engine has stopped.", QueueRetry),
        };
    }

    /// <summary>When a place is free at the speed that replies have had so far.</summary>
    private static TimeSpan RetryAfter(InferenceEngine engine)
    {
        EngineStatistics all = engine.Statistics;
        if (all.FirstTokens == 0)
            return QueueRetry;
        TimeSpan perReply = (all.PromptTime + all.GenerationTime) / all.FirstTokens;
        TimeSpan wait = perReply / engine.Parallel;
        return wait < LongestRetry ? wait : LongestRetry;
    }

    /// <summary>The events of several prompts as those of one: choices are numbered through.</summary>
    private static ChannelReader<GenerationEvent> Merge(List<Generation> generations, int choices)
    {
        if (generations.Count == 1)
            return generations[0].Events;
        var merged = Channel.CreateUnbounded<GenerationEvent>(new() { SingleReader = true });
        _ = CompleteAsync();
        return merged.Reader;

        async Task CompleteAsync()
        {
            try
            {
                await Task.WhenAll(generations.Select(CopyAsync));
                merged.Writer.Complete();
            }
            catch (Exception e) // the engine's: passed on to the reader of the events
            {
                merged.Writer.Complete(e);
            }
        }

        async Task CopyAsync(Generation generation, int prompt)
        {
            await foreach (GenerationEvent next in generation.Events.ReadAllAsync())
                merged.Writer.TryWrite(next with { Choice = (prompt * choices) + next.Choice });
        }
    }

    [LoggerMessage(2000, LogLevel.Debug, "reply: {PromptTokens} prompt tokens ({CachedTokens} reused) in {PromptMs:0} ms, "
        + "{GeneratedTokens} written in {GenerationMs:0} ms")]
    private static partial void LogAnswered(ILogger log, int promptTokens, int cachedTokens, int generatedTokens, double promptMs, double generationMs);

    [LoggerMessage(2001, LogLevel.Debug, "the client left before the reply was complete")]
    private static partial void LogClientLeft(ILogger log);

    [LoggerMessage(2002, LogLevel.Error, "a reply failed")]
    private static partial void LogFailed(ILogger log, Exception error);
}
