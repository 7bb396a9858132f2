using System.Globalization;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Completions;

/// <summary>A client that leaves frees its place: in the queue, in the prompt, while the reply is written.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DisconnectTests : IDisposable
{
    private const int Endless = 30_000; // tokens

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_place_of_a_client_that_left_is_free_at_once()
    {
        string model = RandomModel.Write(_folder["slow.gguf"], new RandomModelShape(Layers: 4, Width: 256, FeedForward: 1024, Context: 32768));
        await using ProgramProcess engine = ProgramProcess.Start("engine", "--model", model, "--socket", _folder["s"], "--parallel", "1", "--ctx", "32768",
            "--threads", "1");
        await engine.LineAsync("serving");
        using HttpClient http = TestEngine.Client(_folder["s"]);
        http.Timeout = Patience.RunLimit;

        using CancellationTokenSource writing = new(), waiting = new(), reading = new();
        HttpResponseMessage writer = await http.SendAsync(Request("w", Endless, stream: true), HttpCompletionOption.ResponseHeadersRead, writing.Token);
        Task<HttpResponseMessage> waiter = http.SendAsync(Request("q", Endless), waiting.Token);
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
        writer.Dispose();
        Assert.True((await http.SendAsync(Request("after", 2))).IsSuccessStatusCode);

        Task<HttpResponseMessage> reader = http.SendAsync(Request(new string('r', 25_000), Endless), reading.Token);
        Task<HttpResponseMessage> behind = http.SendAsync(Request("behind", 2));
        await reading.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        Assert.True((await behind).IsSuccessStatusCode);

        Assert.InRange(await TokensWrittenAsync(http), 4, Endless - 1); // those behind came before anybody's end
    }

    [Fact]
    public async Task When_all_places_are_taken_the_next_request_is_told_when_to_come_again()
    {
        string model = RandomModel.Write(_folder["tiny.gguf"], new RandomModelShape(Context: 32768));
        await using ProgramProcess engine = ProgramProcess.Start("engine", "--model", model, "--socket", _folder["s"], "--parallel", "1", "--queue", "0",
            "--ctx", "32768", "--threads", "1");
        await engine.LineAsync("serving");
        using HttpClient http = TestEngine.Client(_folder["s"]);

        HttpResponseMessage writer = await http.SendAsync(Request("w", Endless, stream: true), HttpCompletionOption.ResponseHeadersRead);
        HttpResponseMessage refused = await http.SendAsync(Request("next", 2));
        writer.Dispose();

        Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Contains("queue_full", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await http.SendAsync(Request("after", 2))).IsSuccessStatusCode);
    }

    private static async Task<double> TokensWrittenAsync(HttpClient http)
    {
        const string Name = "llamacpp:tokens_predicted_total ";
        string line = (await http.GetStringAsync("/metrics")).Split('\n').First(l => l.StartsWith(Name, StringComparison.Ordinal));
        return double.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }

    private static HttpRequestMessage Request(string text, int maxTokens, bool stream = false) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = new StringContent(
            $$"""{"messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}],"ignore_eos":true,"max_tokens":{{maxTokens}}"""
                + $$""","stream":{{(stream ? "true" : "false")}}}""",
            null, "application/json"),
    };

    public void Dispose() => _folder.Dispose();
}
