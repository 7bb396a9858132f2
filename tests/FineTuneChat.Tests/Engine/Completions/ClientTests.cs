using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol.Processes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>Several clients at one engine: none waits for another, and none learns what another asks.</summary>
public sealed class ClientTests(TestEngine engine) : IClassFixture<TestEngine>
{
    private async Task<JsonNode> CompleteAsync(string prompt, int tokens, string header, string client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent($$"""{"prompt":"{{prompt}}","max_tokens":{{tokens}},"ignore_eos":true}""", Encoding.UTF8, "application/json"),
            Headers = { { header, client } },
        };
        using HttpResponseMessage response = await engine.Http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    [Fact]
    [Trait(Tier.Name, Tier.Slow)]
    public async Task One_client_with_many_long_replies_does_not_keep_another_waiting()
    {
        // A test process that stalls finds all replies written, which says nothing: it tries again. First come, first served never passes.
        for (int tries = 1; !await ShortReplyOvertakesAsync(); tries++)
        {
            Assert.True(tries < 5, "the short reply came after the other client's long ones, five times");
        }
    }

    private async Task<bool> ShortReplyOvertakesAsync()
    {
        Task<JsonNode>[] many = [.. Enumerable.Range(0, 40).Select(i => CompleteAsync($"long {i}", 400, EngineHeaders.Client, "busy"))];
        await many[0]; // all have come by then, and most still wait

        await CompleteAsync("short", 5, EngineHeaders.Client, "other");

        int before = many.Count(reply => reply.IsCompleted);
        await Task.WhenAll(many);
        return before <= 20;
    }

    [Fact]
    public async Task Prompts_are_shared_within_a_scope_only()
    {
        string prompt = new('s', 50);

        int[] cached = [await CachedAsync("alice"), await CachedAsync("bob"), await CachedAsync("alice")];

        Assert.Equal((0, 0, true), (cached[0], cached[1], cached[2] > 30));

        async Task<int> CachedAsync(string scope) =>
            (int)(await CompleteAsync(prompt, 2, EngineHeaders.CacheScope, scope))["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
    }

    [Fact]
    public async Task A_chunk_of_an_impossible_size_is_a_bad_request()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(engine.Socket));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/completions HTTP/1.1\r\nHost: engine\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}"));
        using var reader = new StreamReader(stream);

        string answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"invalid_request_error\"", answer, StringComparison.Ordinal);
    }
}
