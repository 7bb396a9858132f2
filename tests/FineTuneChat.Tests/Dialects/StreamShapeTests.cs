using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Dialects;
using FineTuneChat.Gateway.Dialects.Anthropic;
using FineTuneChat.Gateway.Dialects.Ollama;
using FineTuneChat.Gateway.Dialects.Responses;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Streams;
using Microsoft.AspNetCore.Http;

namespace FineTuneChat.Tests.Dialects;

/// <summary>A reply with all that a reply may have, written by each dialect: thinking, a text, two calls in pieces.</summary>
public sealed class StreamShapeTests
{
    private static readonly ChatCompletionChunk[] Reply =
    [
        Chunk(new() { Role = "assistant", Content = "" }),
        Chunk(new() { ReasoningContent = "Hm" }), Chunk(new() { ReasoningContent = "…" }),
        Chunk(new() { Content = "So" }), Chunk(new() { Content = " be it." }),
        Call(0, "call_a", "first", ""), Call(0, null, null, "{\"x\":"), Call(0, null, null, "1}"),
        Call(1, "call_b", "second", ""), Call(1, null, null, "{}"),
        Chunk(new(), FinishReasons.ToolCalls),
        Chunk(new()) with
        {
            Choices = [],
            Usage = StreamUsage.Of(Usage.Of(promptTokens: 9, cachedTokens: 4, completionTokens: 7, new() { ReasoningTokens = 2 })),
        },
    ];

    [Fact]
    public async Task Anthropics_blocks_follow_each_other_and_each_is_closed()
    {
        using var shape = new MessageStream();

        (string Name, JsonNode Data)[] events = Events(await WriteAsync(shape, Reply));

        Assert.Equal(
            [
                "message_start", "ping",
                "content_block_start thinking", "thinking_delta", "thinking_delta", "signature_delta", "content_block_stop",
                "content_block_start text", "text_delta", "text_delta", "content_block_stop",
                "content_block_start tool_use", "input_json_delta", "input_json_delta", "content_block_stop",
                "content_block_start tool_use", "input_json_delta", "content_block_stop",
                "message_delta", "message_stop",
            ],
            events.Select(e => e.Name == "content_block_delta" ? (string?)e.Data["delta"]!["type"]
                : e.Name + (e.Data["content_block"] is { } block ? $" {(string?)block["type"]}" : "")));
        Assert.Equal([0, 1, 2, 3], events.Where(e => e.Name == "content_block_stop").Select(e => (int)e.Data["index"]!));
        JsonNode end = events[^2].Data;
        Assert.Equal(("tool_use", true), ((string?)end["delta"]!["stop_reason"], end["delta"]!.AsObject().ContainsKey("stop_sequence")));
        Assert.Equal((5, 4, 7), ((int)end["usage"]!["input_tokens"]!, (int)end["usage"]!["cache_read_input_tokens"]!, (int)end["usage"]!["output_tokens"]!));
    }

    [Fact]
    public async Task The_items_of_a_response_follow_each_other_and_all_stand_in_the_last_event()
    {
        using var shape = new ResponseStream(new ChatCompletionRequest { Messages = [new() { Role = "user", Content = "Hi" }] }, previous: null);

        (string Name, JsonNode Data)[] events = Events(await WriteAsync(shape, Reply));

        string[] text =
        [
            "output_item.added", "content_part.added", "output_text.delta", "output_text.delta", "output_text.done", "content_part.done", "output_item.done",
        ];
        Assert.Equal(
            [
                "created", "in_progress",
                .. text.Select(name => name.Replace("output_text", "reasoning_text", StringComparison.Ordinal)), .. text,
                "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
                "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
                "completed",
            ],
            events.Select(e => e.Name["response.".Length..]));
        JsonNode whole = events[^1].Data["response"]!;
        Assert.Equal(["reasoning", "message", "function_call", "function_call"], whole["output"]!.AsArray().Select(item => (string?)item!["type"]));
        Assert.Equal(["{\"x\":1}", "{}"], whole["output"]!.AsArray().Skip(2).Select(item => (string?)item!["arguments"]));
        Assert.Equal(4, whole["output"]!.AsArray().Select(item => (string?)item!["id"]).Distinct().Count());
        JsonNode usage = whole["usage"]!;
        Assert.Equal((4, 2), ((int)usage["input_tokens_details"]!["cached_tokens"]!, (int)usage["output_tokens_details"]!["reasoning_tokens"]!));
    }

    [Fact]
    public async Task Ollamas_calls_are_told_whole()
    {
        string lines = await WriteAsync(new OllamaStream(new OllamaReplies("m", isChat: true, TimeProvider.System)), Reply);

        JsonNode[] messages = [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!["message"]!)];
        Assert.Equal("Hm…", string.Concat(messages.Select(m => (string?)m["thinking"])));
        Assert.Equal("So be it.", string.Concat(messages.Select(m => (string?)m["content"])));
        Assert.Equal(
            ["0 first {\"x\":1}", "1 second {}"],
            messages.Where(m => m["tool_calls"] is not null).Select(m => m["tool_calls"]![0]!["function"]!)
                .Select(f => $"{f["index"]} {f["name"]} {f["arguments"]!.ToJsonString()}"));
    }

    [Fact]
    public async Task A_reply_that_breaks_off_ends_with_the_dialects_error()
    {
        ChatCompletionChunk[] begun = Reply[..5];
        using var message = new MessageStream();
        using var response = new ResponseStream(new ChatCompletionRequest { Messages = [new() { Role = "user", Content = "Hi" }] }, previous: null);

        (string Name, JsonNode Data) anthropic = Events(await WriteAsync(message, begun, isBroken: true))[^1];
        (string Name, JsonNode Data) openAi = Events(await WriteAsync(response, begun, isBroken: true))[^1];
        string ollama = await WriteAsync(new OllamaStream(new OllamaReplies("m", isChat: true, TimeProvider.System)), begun, isBroken: true);

        Assert.Equal(("error", "overloaded_error"), (anthropic.Name, (string?)anthropic.Data["error"]!["type"]));
        Assert.Equal(("response.failed", "failed"), (openAi.Name, (string?)openAi.Data["response"]!["status"]));
        Assert.Equal("gone", (string?)JsonNode.Parse(ollama.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!["error"]);
    }

    [Fact]
    public async Task An_error_before_the_first_chunk_is_no_stream()
    {
        using var message = new MessageStream();

        await Assert.ThrowsAsync<OpenAiException>(() => WriteAsync(message, [], isBroken: true));
    }

    [Fact]
    public void Events_are_read_however_they_are_cut()
    {
        byte[] stream = Encoding.UTF8.GetBytes(": working\n\ndata: {\"a\":\"ä\"}\n\nevent: x\ndata:{\"b\":2}\r\n\r\ndata: [DONE]\n\n");

        for (int cut = 0; cut <= stream.Length; cut++)
        {
            var reader = new SseReader();
            IEnumerable<string> data = [.. Texts(reader, stream.AsMemory(0, cut)), .. Texts(reader, stream.AsMemory(cut))];
            Assert.Equal(["{\"a\":\"ä\"}", "{\"b\":2}", "[DONE]"], data);
        }

        static string[] Texts(SseReader reader, ReadOnlyMemory<byte> part) => [.. reader.Read(part).Select(data => Encoding.UTF8.GetString(data.Span))];
    }

    private static async Task<string> WriteAsync(IStreamShape shape, IEnumerable<ChatCompletionChunk> reply, bool isBroken = false)
    {
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        await DialectStream.WriteAsync(http, ChunksAsync(), shape);
        return Encoding.UTF8.GetString(body.ToArray());

        async IAsyncEnumerable<ChatCompletionChunk?> ChunksAsync()
        {
            foreach (ChatCompletionChunk chunk in reply)
                yield return chunk;
            await Task.CompletedTask;
            if (isBroken)
                throw OpenAiException.Unavailable("gone", TimeSpan.FromSeconds(1));
        }
    }

    private static (string Name, JsonNode Data)[] Events(string stream) =>
    [
        .. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], JsonNode.Parse(lines[1]["data: ".Length..])!)),
    ];

    private static ChatCompletionChunk Call(int index, string? id, string? name, string arguments) => Chunk(new()
    {
        ToolCalls = [new() { Index = index, Id = id, Type = id is null ? null : "function", Function = new() { Name = name, Arguments = arguments } }],
    });

    private static ChatCompletionChunk Chunk(ChunkDelta delta, string? finish = null) => new()
    {
        Id = "chatcmpl-1",
        Created = 1,
        Model = "assistant@0",
        Choices = [new() { Index = 0, Delta = delta, FinishReason = finish }],
    };
}
