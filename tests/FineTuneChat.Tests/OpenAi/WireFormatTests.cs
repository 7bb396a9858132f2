using System.Text.Json;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Tests.OpenAi;

/// <summary>Pins the bytes that clients parse: which fields are null and which are absent.</summary>
public sealed class WireFormatTests
{
    private static ChatCompletionChunk Chunk(ChunkDelta delta, string? finish = null) =>
        new() { Id = "c", Created = 1, Model = "m", Choices = [new() { Index = 0, Delta = delta, FinishReason = finish }] };

    private static string Json(ChatCompletionChunk chunk) => JsonSerializer.Serialize(chunk, OpenAiJson.Wire.ChatCompletionChunk);

    [Fact]
    public void Closing_chunk_has_an_empty_delta() => Assert.Equal(
        """{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
        Json(Chunk(new(), FinishReasons.Stop)));

    [Fact]
    public void Usage_is_null_on_all_but_the_last_chunk_when_asked_for()
    {
        Assert.EndsWith("""
            "delta":{"content":"é"},"finish_reason":null}],"usage":null}
            """, Json(Chunk(new() { Content = "é" }) with { Usage = StreamUsage.Pending }), StringComparison.Ordinal);
        string last = Json(Chunk(new()) with { Choices = [], Usage = StreamUsage.Of(Usage.Of(5, 2, 3)) });
        Assert.Contains("""
            "choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":2,
            """, last, StringComparison.Ordinal);
    }

    [Fact]
    public void Chunks_are_read_back_as_they_were_written()
    {
        ChatCompletionChunk last = Chunk(new()) with { Choices = [], Usage = StreamUsage.Of(Usage.Of(5, 2, 3)) };
        ChatCompletionChunk[] chunks = [Chunk(new() { Role = "assistant", Content = "" }), Chunk(new()) with { Usage = StreamUsage.Pending }, last];
        foreach (ChatCompletionChunk chunk in chunks)
            Assert.Equal(Json(chunk), Json(JsonSerializer.Deserialize(Json(chunk), OpenAiJson.Default.ChatCompletionChunk)!));
    }

    [Fact]
    public void Reply_keeps_required_fields_even_when_null()
    {
        var reply = new ChatCompletion
        {
            Id = "c",
            Created = 1,
            Model = "m",
            Choices = [new() { Index = 0, Message = new() { Content = null }, FinishReason = "stop" }],
        };

        Assert.Equal(
            """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null"""
            + ""","refusal":null},"logprobs":null,"finish_reason":"stop"}]}""",
            JsonSerializer.Serialize(reply, OpenAiJson.Wire.ChatCompletion));
    }

    [Fact]
    public void Error_has_all_four_keys() => Assert.Equal(
        """{"error":{"message":"m","type":"server_error","param":null,"code":"server_error"}}""",
        JsonSerializer.Serialize(new OpenAiErrorBody(OpenAiException.ServerError("m").Error), OpenAiJson.Wire.OpenAiErrorBody));

    [Fact]
    public void Line_separators_are_escaped_because_some_clients_split_events_on_them() =>
        Assert.DoesNotContain('\u2028', Json(Chunk(new() { Content = "a\u2028b\nc" })));
}
