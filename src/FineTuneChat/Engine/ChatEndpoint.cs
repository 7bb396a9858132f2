using System.Threading.Channels;
using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

/// <summary><c>POST /v1/chat/completions</c>: JSON → checked request → tokens → engine → events → JSON or a stream.</summary>
internal static class ChatEndpoint
{
    private static readonly TimeSpan QueueRetry = TimeSpan.FromSeconds(2);

    public static async Task HandleAsync(HttpContext http, ServedModel model, TimeProvider clock, ILogger<ServedModel> log)
    {
        ChatCompletionRequest request = await RequestReader.ReadAsync(http.Request, OpenAiJson.Default.ChatCompletionRequest, http.RequestAborted);
        ChatCompletionValidator.Validate(request);
        model.RequireName(request.Model);
        RequestMapper.RefuseUnsupported(request);
        var task = new GenerationRequest
        {
            Prompt = model.Encode(request),
            Sampling = RequestMapper.Sampling(request, model.Defaults, model.VocabularySize),
            MaxTokens = request.TokenLimit,
            Stops = request.Stop ?? [],
        };

        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        try
        {
            ChannelReader<GenerationEvent> events = Submit(model, task, givenUp.Token).Events;
            var reply = new ChatReply(model.Alias, clock.GetUtcNow(), request.StreamOptions?.IncludeUsage ?? false);
            GenerationSummary summary = request.Stream == true
                ? await ReplyWriter.StreamAsync(http, events, reply)
                : await ReplyWriter.AnswerAsync(http, events, reply);
            log.Answered(summary.PromptTokens, summary.CachedTokens, summary.GeneratedTokens, summary.Reason, summary.PromptTime.TotalMilliseconds, summary.GenerationTime.TotalMilliseconds);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            log.ClientLeft();
        }
        catch (Exception e) when (e is not OpenAiException)
        {
            log.ReplyFailed(e);
            if (!http.Response.HasStarted) // otherwise the stream has told it
                throw ReplyWriter.Failed();
        }
        finally
        {
            await givenUp.CancelAsync();
        }
    }

    private static Generation Submit(ServedModel model, GenerationRequest request, CancellationToken cancellation)
    {
        Submission submission = model.Engine.Submit(request, cancellation);
        return submission.Outcome switch
        {
            SubmissionOutcome.Accepted => submission.Generation!,
            SubmissionOutcome.PromptTooLong => throw OpenAiException.ContextLengthExceeded(request.Prompt.Count, model.Engine.ContextLength),
            SubmissionOutcome.QueueFull => throw OpenAiException.QueueFull(model.Engine.Requests, QueueRetry),
            _ => throw OpenAiException.Unavailable("The engine has stopped.", QueueRetry),
        };
    }
}
