using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Chat.Tools;
using FineTuneChat.Engine.Replies;
using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Http;

namespace FineTuneChat.Tests.Engine.Replies;

public sealed class ReplyWriterTests
{
    private readonly DefaultHttpContext _http = new() { Response = { Body = new MemoryStream() } };
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>();
    private readonly ChatReply _reply = Reply(new());

    private string Written => Encoding.UTF8.GetString(((MemoryStream)_http.Response.Body).ToArray());

    private static ChatReply Reply(ChatCompletionRequest request, params string[] tools) =>
        // no probabilities are asked for
        new("assistant@3", DateTimeOffset.UnixEpoch, request, logprobs: null!, atOnce =>
            new ReplyReader(ReasoningStart.Possible, ToolFormat.Hermes, tools, () => "call_1", atOnce));

    private static GenerationSummary Summary(int cached = 0) =>
        new(FinishReason.Stop, 10, cached, 5, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_nothing_is_written_yet_comments_keep_the_connection(bool fails)
    {
        Task<ReplyTotals> writing = ReplyWriter.StreamAsync(_http, _events.Reader, _reply, silence: TimeSpan.FromMilliseconds(1));
        await Eventually.TrueAsync(() => _http.Response.Body.Length > 30);
        if (fails)
            _events.Writer.Complete(new InvalidOperationException("broken"));
        else
            _events.Writer.TryWrite(new("text", Summary()));

        await Record.ExceptionAsync(() => writing);

        string[] events = Written.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([": working", ": working"], events[..2]);
        Assert.Equal(fails, events[^1].StartsWith("data: {\"error\":", StringComparison.Ordinal));
        Assert.Equal(fails, writing.IsFaulted);
        Assert.Equal(!fails, Written.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal));
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
        ChatReply reply = Reply(new() { N = 2, StreamOptions = new() { IncludeUsage = true } });

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
    public async Task Reasoning_text_and_calls_are_told_apart_streamed()
    {
        string[] texts = ["<thi", "nk>\nhm", "\n</think>\n\nI look.\n<tool_call>{\"name\":\"time\",", "\"arguments\":{\"zo", "ne\":1}}</tool", "_call>"];
        foreach ((int i, string text) in texts.Index())
            _events.Writer.TryWrite(new(text, null, Written: i + 1));
        _events.Writer.TryWrite(new("", Summary()));

        await ReplyWriter.StreamAsync(_http, _events.Reader, Reply(new() { Stream = true, StreamOptions = new() { IncludeUsage = true } }, "time"));

        Assert.Contains("\"reasoning_tokens\":3", Written, StringComparison.Ordinal); // the third ends it
        JsonNode[] choices = [.. Written.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[..^2].Select(
            e => JsonNode.Parse(e["data: ".Length..])!["choices"]![0]!)];
        Assert.Equal(
            [
                """{"role":"assistant","content":""}""", """{"reasoning_content":"hm"}""", """{"content":"I look."}""",
                """{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"time","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}""", // a key when it is whole: it may have been there before
                    """{"tool_calls":[{"index":0,"function":{"arguments":"\u0022zone\u0022:1}"}}]}""", "{}",
            ],
            choices.Select(c => c["delta"]!.ToJsonString()));
        Assert.Equal("tool_calls", (string?)choices[^1]["finish_reason"]);
    }

    [Fact]
    public async Task Reasoning_text_and_calls_are_told_apart_in_a_whole_reply()
    {
        _events.Writer.TryWrite(new("<think>hm</think>", null, Written: 2));
        _events.Writer.TryWrite(new("<tool_call>{\"name\":\"time\"}</tool_call>", Summary(), Written: 5));
        _events.Writer.Complete();

        await ReplyWriter.AnswerAsync(_http, _events.Reader, Reply(new(), "time"));

        JsonNode whole = JsonNode.Parse(Written)!, choice = whole["choices"]![0]!;
        Assert.Equal(2, (int)whole["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!);
        Assert.Equal("tool_calls", (string?)choice["finish_reason"]);
        Assert.Null(choice["message"]!["content"]);
        Assert.Equal("hm", (string?)choice["message"]!["reasoning_content"]);
        Assert.Equal("{}", (string?)choice["message"]!["tool_calls"]![0]!["function"]!["arguments"]);
    }

    [Fact]
    public void Times_become_rates_in_which_the_first_token_belongs_to_the_prompt()
    {
        Timings timings = ReplyTotals.Of([Summary(cached: 4)], _reply).ToTimings(choices: 1);

        Assert.Equal((4, 6, 60d), (timings.CacheN, timings.PromptN, timings.PromptPerSecond));
        Assert.Equal((5, 20d), (timings.PredictedN, timings.PredictedPerSecond));
    }
}
