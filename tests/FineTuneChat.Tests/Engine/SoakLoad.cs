using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace FineTuneChat.Tests.Engine;

/// <summary>Mixed requests at a time, much of it given up half-way. What is answered must be what was to be expected.</summary>
internal sealed class SoakLoad(HttpClient http)
{
    public const int AtATime = 12; // more than are written at a time

    private const string Chat = "/v1/chat/completions";

    private static readonly (string Path, string Body, HttpStatusCode Status)[] Requests =
    [
        (Chat, """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":60,"ignore_eos":true,"stream":true}""", HttpStatusCode.OK),
        (Chat, """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":40,"n":3,"logprobs":true,"top_logprobs":5}""", HttpStatusCode.OK),
        (Chat, """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":30,"mirostat":2,"dry_multiplier":1,"repeat_penalty":1.2,"stop":"""
            + """["a","é"]}""", HttpStatusCode.OK),
        (Chat, """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":40,"response_format":{"type":"json_schema","json_schema":"""
            + """{"name":"a","schema":{"type":"object","properties":{"a":{"enum":["x","y"]},"b":{"type":"string","maxLength":20}},"required":["a"]}}}}""",
            HttpStatusCode.OK),
        (Chat, """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":40,"stream":true,"tools":[{"type":"function","function":"""
            + """{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}}],"tool_choice":"required"}""",
            HttpStatusCode.OK),
        ("/v1/completions", """{"prompt":["QUESTION","other"],"n":2,"max_tokens":30,"stream":true}""", HttpStatusCode.OK),
        ("/v1/embeddings", """{"input":["QUESTION","QUESTION again"]}""", HttpStatusCode.OK),
        ("/tokenize", """{"content":"QUESTION"}""", HttpStatusCode.OK),
        (Chat, """{"messages":[{"role":"user","content":"QUESTION"}],"temperature":7}""", HttpStatusCode.BadRequest),
        (Chat, """{"messages":[{"role":"user","content":"QUESTION"}],"response_format":{"type":"json_schema","""
            + """ "json_schema":{"name":"a","strict":true,"schema":{"type":"string","pattern":".*a.{20}"}}}}""", HttpStatusCode.BadRequest),
        ("/v1/completions", """{"prompt":"QUESTION","max_tok""", HttpStatusCode.BadRequest),
        ("/v1/nothing", "{}", HttpStatusCode.NotFound),
    ];

    private int _sent, _left;

    /// <summary>Requests so far.</summary>
    public int Sent => _sent;

    /// <summary>How many of them were given up by the client.</summary>
    public int Left => _left;

    /// <summary>Answers by status.</summary>
    public ConcurrentDictionary<int, int> Answers { get; } = [];

    /// <summary>Sends until told to stop.</summary>
    /// <param name="seed">The same seed makes the same requests, though not at the same times.</param>
    /// <param name="goesOn">Asked before each request, with the number of those before.</param>
    public Task RunAsync(int seed, Func<int, bool> goesOn)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is int i && goesOn(i))
                await SendAsync(new Random(HashCode.Combine(seed, i)));
        })));
    }

    private async Task SendAsync(Random random)
    {
        (string path, string body, HttpStatusCode expected) = Requests[random.Next(Requests.Length)];
        int length = random.Next(1, 150);
        bool leaves = random.Next(3) == 0;
        using var leave = new CancellationTokenSource();
        if (leaves)
            leave.CancelAfter(random.Next(60));
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body.Replace("QUESTION", new string((char)('a' + (length % 3)), length)), Encoding.UTF8, "application/json"),
        };
        Interlocked.Increment(ref _sent);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, leave.Token);
            string text = await response.Content.ReadAsStringAsync(leave.Token);
            Answers.AddOrUpdate((int)response.StatusCode, 1, (_, count) => count + 1);
            Assert.True(response.StatusCode == expected, text);
            Assert.DoesNotContain("engine_failed", text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"error\":{", expected == HttpStatusCode.OK ? text : "", StringComparison.Ordinal);
        }
        catch (OperationCanceledException) when (leaves)
        {
            Interlocked.Increment(ref _left);
        }
    }
}
