using System.Text;
using FineTuneChat.Gateway.Log;

namespace FineTuneChat.Tests.Conversations;

public sealed class ReplyRecorderTests
{
    private const string Head =
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"assistant@3\",\"choices\":[{\"index\":0,";

    private const string Stream =
        ": ping\n\n"
        + Head + "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
        + Head + "\"delta\":{\"content\":\"¡Hola, \"},\"finish_reason\":null}]}\n\n"
        + Head + "\"delta\":{\"content\":\"👋\"},\"finish_reason\":null}]}\n\n"
        + Head + "\"delta\":{},\"finish_reason\":\"stop\"}],\"timings\":{\"cache_n\":2,\"prompt_n\":3,\"prompt_ms\":1,\"prompt_per_second\":1,"
        + "\"predicted_n\":4,\"predicted_ms\":1,\"predicted_per_second\":1}}\n\n"
        + "data: [DONE]\n\n";

    [Fact]
    public void A_stream_cut_at_any_byte_gives_the_same_reply()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Stream);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            var recorder = new ReplyRecorder(streamed: true);
            recorder.Append(bytes.AsSpan(0, cut));
            recorder.Append(bytes.AsSpan(cut));
            Reply reply = recorder.Read()!;
            Assert.Equal(("chatcmpl-1", "¡Hola, 👋", "stop", 4), (reply.CompletionId, reply.Messages[0].Content, reply.FinishReason, reply.Timings!.PredictedN));
        }
    }

    [Fact]
    public void A_stream_that_ends_anywhere_gives_a_beginning_of_the_reply_without_a_finish_reason()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Stream);
        int finish = Stream.IndexOf("\"delta\":{},", StringComparison.Ordinal);
        for (int end = 0; end < finish; end++)
        {
            var recorder = new ReplyRecorder(streamed: true);
            recorder.Append(bytes.AsSpan(0, end));
            if (recorder.Read() is not { } reply)
                continue;
            Assert.StartsWith(reply.Messages[0].Content!, "¡Hola, 👋");
            Assert.Null(reply.FinishReason);
            Assert.Equal("chatcmpl-1", recorder.CompletionId);
        }
    }

    [Fact]
    public void The_pieces_of_tool_calls_are_joined()
    {
        var recorder = new ReplyRecorder(streamed: true);
        foreach (string delta in (string[])[
            """{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"clock","arguments":""}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{\"zone\":"}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"\"UTC\"}"}}]}"""])
            recorder.Append(Encoding.UTF8.GetBytes(
                $$"""data: {"id":"chatcmpl-2","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""" + "\n\n"));
        var call = Assert.Single(recorder.Read()!.Messages[0].ToolCalls!);
        Assert.Equal(("call_1", "clock", """{"zone":"UTC"}"""), (call.Id, call.Function!.Name, call.Function.Arguments));
    }

    [Fact]
    public void A_whole_reply_is_read_and_an_error_is_none()
    {
        var recorder = new ReplyRecorder(streamed: false);
        recorder.Append(
            """{"id":"chatcmpl-3","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"length"}]"""u8
            + ""","usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}"""u8);
        Reply reply = recorder.Read()!;
        Assert.Equal(("chatcmpl-3", "yes", "length", 5), (reply.CompletionId, reply.Messages[0].Content, reply.FinishReason, reply.Usage!.PromptTokens));

        var failed = new ReplyRecorder(streamed: false);
        failed.Append("""{"error":{"message":"no","type":"x","param":null,"code":null}}"""u8);
        Assert.Null(failed.Read());
    }
}
