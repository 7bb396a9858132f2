using System.Text;
using System.Threading.Channels;
using FineTuneChat.Engine;
using FineTuneChat.Inference;
using FineTuneChat.OpenAi;
using Microsoft.AspNetCore.Http;

namespace FineTuneChat.Tests.Engine;

public sealed class ReplyWriterTests
{
    private readonly DefaultHttpContext _http = new() { Response = { Body = new MemoryStream() } };
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>();
    private readonly ChatReply _reply = new("assistant@3", DateTimeOffset.UnixEpoch, new(), logprobs: null!); // none are asked for

    private string Written => Encoding.UTF8.GetString(((MemoryStream)_http.Response.Body).ToArray());

    private static GenerationSummary Summary(int cached = 0) => new(FinishReason.Stop, 10, cached, 5, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));

    [Fact]
    public async Task A_failure_after_the_first_token_is_an_error_event_and_no_end_of_stream()
    {
        _events.Writer.TryWrite(new("half of", null));
        _events.Writer.Complete(new InvalidOperationException("secret detail"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => ReplyWriter.StreamAsync(_http, _events.Reader, _reply));

        string[] events = Written.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, events.Length);
        Assert.Contains("half of", events[1], StringComparison.Ordinal);
        Assert.StartsWith("data: {\"error\":{\"message\":", events[2], StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Written, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failure_before_the_first_token_leaves_the_response_untouched(bool stream)
    {
        _events.Writer.Complete(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            stream ? ReplyWriter.StreamAsync(_http, _events.Reader, _reply) : ReplyWriter.AnswerAsync(_http, _events.Reader, _reply));

        Assert.Equal(("", null), (Written, _http.Response.ContentType));
    }

    [Fact]
    public async Task A_reply_that_was_given_up_is_a_cancellation()
    {
        _events.Writer.Complete();

        await Assert.ThrowsAsync<OperationCanceledException>(() => ReplyWriter.StreamAsync(_http, _events.Reader, _reply));
    }

    [Fact]
    public async Task Choices_are_streamed_as_they_come_each_with_its_own_beginning_and_end()
    {
        foreach (GenerationEvent next in (GenerationEvent[])[new("a0", null), new("b0", null, 1), new("b1", Summary(cached: 9), 1), new("a1", Summary(), 0)])
            _events.Writer.TryWrite(next);
        var reply = new ChatReply("assistant@3", DateTimeOffset.UnixEpoch, new() { N = 2, StreamOptions = new() { IncludeUsage = true } }, logprobs: null!);

        ReplyTotals totals = await ReplyWriter.StreamAsync(_http, _events.Reader, reply);

        string[] events = Written.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([0, 0, 1, 1, 1, 1, 0, 0], events[..^2].Select(e => e.Contains("\"index\":0", StringComparison.Ordinal) ? 0 : 1));
        Assert.Contains("\"finish_reason\":\"stop\"", events[5], StringComparison.Ordinal);
        Assert.DoesNotContain("timings", events[5], StringComparison.Ordinal);
        Assert.Contains("timings", events[7], StringComparison.Ordinal);
        Assert.Contains("\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":10,", events[8], StringComparison.Ordinal);
        Assert.Equal((10, 0, 10), (totals.PromptTokens, totals.CachedTokens, totals.GeneratedTokens)); // the shared prompt counts once
    }

    [Fact]
    public void Times_become_rates_in_which_the_first_token_belongs_to_the_prompt()
    {
        Timings timings = ReplyTotals.Of([Summary(cached: 4)], _reply).ToTimings(choices: 1);

        Assert.Equal((4, 6, 60d), (timings.CacheN, timings.PromptN, timings.PromptPerSecond));
        Assert.Equal((5, 20d), (timings.PredictedN, timings.PredictedPerSecond));
    }
}
