using System.Globalization;
using System.Net;
using System.Text;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine;

/// <summary>Everything at once, much of it given up half-way: nothing is stuck, lost or left over. <c>FTC_SCALE</c> makes it longer.</summary>
public sealed class SoakTests(TestEngine engine) : IClassFixture<TestEngine>
{
    private const int AtATime = 12; // more than are written at a time

    private static readonly (string Path, string Body, HttpStatusCode Status)[] Requests =
    [
        ("/v1/chat/completions", """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":60,"ignore_eos":true,"stream":true}""", HttpStatusCode.OK),
        ("/v1/chat/completions", """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":40,"n":3,"logprobs":true,"top_logprobs":5}""", HttpStatusCode.OK),
        ("/v1/chat/completions", """{"messages":[{"role":"user","content":"QUESTION"}],"max_tokens":30,"mirostat":2,"dry_multiplier":1,"repeat_penalty":1.2,"stop":["a","é"]}""", HttpStatusCode.OK),
        ("/v1/completions", """{"prompt":["QUESTION","other"],"n":2,"max_tokens":30,"stream":true}""", HttpStatusCode.OK),
        ("/v1/embeddings", """{"input":["QUESTION","QUESTION again"]}""", HttpStatusCode.OK),
        ("/v1/chat/completions", """{"messages":[{"role":"user","content":"QUESTION"}],"temperature":7}""", HttpStatusCode.BadRequest),
        ("/v1/completions", """{"prompt":"QUESTION","max_tok""", HttpStatusCode.BadRequest),
        ("/v1/nothing", "{}", HttpStatusCode.NotFound),
    ];

    [Fact]
    public async Task Mixed_load_with_clients_that_leave_leaves_nothing_behind()
    {
        string question = TestEngine.Ask("soak", "\"max_tokens\":30,\"ignore_eos\":true");
        string before = TestEngine.TextOf(await engine.AnswerAsync(question));
        await RunAsync(40, seed: 1); // connections are made, buffers have their size
        int handles = Handles();

        await RunAsync(200 * Scale.Factor, seed: 2);

        Assert.Equal(before, TestEngine.TextOf(await engine.AnswerAsync(question)));
        await Eventually.TrueAsync(async () => await MetricAsync("llamacpp:requests_processing") + await MetricAsync("llamacpp:requests_deferred") == 0);
        Assert.InRange(await MetricAsync("llamacpp:kv_cache_tokens"), 1, TestEngine.Context); // what is kept, and no more
        await Eventually.TrueAsync(() => Task.FromResult(Handles() <= handles + AtATime));
    }

    private async Task RunAsync(int count, int seed)
    {
        var random = new Random(seed);
        var plans = Enumerable.Range(0, count).Select(_ => (Kind: random.Next(Requests.Length), Length: random.Next(1, 150), Leaves: random.Next(3) == 0, After: random.Next(60))).ToArray();
        await Parallel.ForEachAsync(plans, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (plan, _) =>
        {
            (string path, string body, HttpStatusCode expected) = Requests[plan.Kind];
            using var leave = new CancellationTokenSource();
            if (plan.Leaves)
                leave.CancelAfter(plan.After);
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent(body.Replace("QUESTION", new string((char)('a' + (plan.Length % 3)), plan.Length)), Encoding.UTF8, "application/json"),
            };
            try
            {
                using HttpResponseMessage response = await engine.Http.SendAsync(request, leave.Token);
                string text = await response.Content.ReadAsStringAsync(leave.Token);
                Assert.True(response.StatusCode == expected, text);
                Assert.DoesNotContain("engine_failed", text, StringComparison.Ordinal);
            }
            catch (OperationCanceledException) when (plan.Leaves)
            {
            }
        });
    }

    private async Task<double> MetricAsync(string name)
    {
        string line = (await engine.Http.GetStringAsync("/metrics")).Split('\n').First(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[name.Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>Open files and sockets of the engine; 0 where there is no <c>/proc</c>.</summary>
    private int Handles() => Directory.Exists($"/proc/{engine.Process.Id}/fd") ? Directory.GetFiles($"/proc/{engine.Process.Id}/fd").Length : 0;
}
