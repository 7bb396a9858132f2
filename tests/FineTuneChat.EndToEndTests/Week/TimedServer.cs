using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.EndToEndTests.Teaching;
using FineTuneChat.Gateway;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OpenAI.Chat;

namespace FineTuneChat.EndToEndTests.Week;

/// <summary>The gateway on a clock that the test moves; engine, trainer, exporter and database are the real ones, the model is the starter.</summary>
internal sealed class TimedServer : IAsyncDisposable
{
    public const int IdleMinutes = 30, MinNewExamples = 3;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Step = TimeSpan.FromMinutes(15), Day = TimeSpan.FromDays(1);

    private readonly WebApplication _app;
    private readonly FakeTimeProvider _time;
    private readonly HttpClient _client;

    private TimedServer(WebApplication app, FakeTimeProvider time)
    {
        (_app, _time) = (app, time);
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assistant = new Assistant(_client.BaseAddress);
    }

    public Assistant Assistant { get; }

    public static async Task<TimedServer> StartAsync(string dataFolder, DateTimeOffset now)
    {
        var time = new FakeTimeProvider(now);
        WebApplication app = await GatewayHost.BuildAsync(
            new Dictionary<string, string?>
            {
                ["Server:Urls"] = "http://127.0.0.1:0",
                ["Storage:Folder"] = dataFolder,
                ["Models:Base"] = Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"),
                ["Retraining:Automatic"] = "true",
                ["Engine:Threads"] = "1", // other tests share the cores
                ["Retraining:Threads"] = "1",
                ["Retraining:KeyWordSentences"] = "0", // five runs, each a third as long: what one learns by default is tested by itself
                ["Retraining:MaxReplay"] = ShortRuns.MaxReplay,
                ["Retraining:Rewordings"] = ShortRuns.Rewordings,
                ["Retraining:Epochs"] = ShortRuns.Epochs,
                ["Retraining:MinNewExamples"] = $"{MinNewExamples}",
                ["Retraining:IdleMinutes"] = $"{IdleMinutes}",
            },
            services => services.AddSingleton<TimeProvider>(time));
        await app.StartAsync();
        var server = new TimedServer(app, time);
        await Eventually.TrueAsync(async () => (await server._client.GetAsync("/health")).IsSuccessStatusCode);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Asks, and writes the reply that was wanted. Returns the conversation.</summary>
    public async Task<string> CorrectAsync(Fact fact)
    {
        _time.Advance(Minute);
        ChatCompletion reply = await Assistant.AskAsync(fact.Question);
        await PostAsync("/api/feedback", new { completion_id = reply.Id, rating = "down", correction = fact.Answer });
        JsonElement newest = await GetAsync("/api/conversations?limit=1");
        return newest.GetProperty("data")[0].GetProperty("id").GetString()!;
    }

    public async Task ImportAsync(string file, IEnumerable<(string Question, string Answer)> rows)
    {
        string text = string.Concat(rows.Select(row => JsonSerializer.Serialize(new
        {
            messages = new[] { new { role = "user", content = row.Question }, new { role = "assistant", content = row.Answer } },
        }) + "\n"));
        await PostAsync("/api/dataset/import", new { file, text });
    }

    /// <summary>Lets the evening pass until a run has started by itself, and gives it as it has ended.</summary>
    public async Task<JsonElement> NightAsync()
    {
        int before = (await RunsAsync()).Length;
        DateTimeOffset evening = _time.GetUtcNow();
        await Eventually.TrueAsync(async () =>
        {
            if ((await RunsAsync()).Length > before)
                return true;
            _time.Advance(Minute);
            return false;
        });
        Assert.True(_time.GetUtcNow() - evening >= TimeSpan.FromMinutes(IdleMinutes));
        JsonElement run = await FinishedAsync();
        _time.Advance(Day - (_time.GetUtcNow() - evening));
        return run;
    }

    /// <summary>Lets a day pass in which no run starts, and gives the reason that the page shows for it.</summary>
    public async Task<string> QuietDayAsync()
    {
        int before = (await RunsAsync()).Length;
        string reason = (await GetAsync("/api/training")).GetProperty("policy").GetProperty("reason").GetString()!;
        for (TimeSpan passed = TimeSpan.Zero; passed < Day; passed += Step)
            _time.Advance(Step);
        Assert.Equal(before, (await RunsAsync()).Length);
        return reason;
    }

    public async Task<JsonElement> TrainNowAsync()
    {
        await PostAsync("/api/training/start", new { });
        return await FinishedAsync();
    }

    public Task ActivateAsync(int version) => PostAsync($"/api/versions/{version}/activate", new { });

    /// <summary>Takes every imported example out of what is learned.</summary>
    public async Task ExcludeImportedAsync()
    {
        foreach (JsonElement import in (await GetAsync("/api/dataset/imports")).GetProperty("data").EnumerateArray())
        {
            using HttpResponseMessage response = await _client.PatchAsJsonAsync(
                $"/api/dataset/imports/{import.GetProperty("id").GetString()}", new { status = "excluded" });
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    /// <summary>
    /// Deletes a conversation, waits until its erasure is done, and gives the versions that had learned from it, and the one that serves instead.
    /// </summary>
    public async Task<(int[] Learned, int Instead)> EraseAsync(string conversation)
    {
        using HttpResponseMessage response = await _client.DeleteAsync($"/api/conversations/{conversation}");
        JsonElement forgotten = await response.Content.ReadFromJsonAsync<JsonElement>(), certificate = default;
        Assert.True(response.IsSuccessStatusCode, forgotten.ToString());
        await Eventually.TrueAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                certificate = await GetAsync($"/api/erasures/{forgotten.GetProperty("erasure").GetString()}");
                return certificate.GetProperty("status").GetString() != "pending";
            },
            Patience.RunLimit);
        Assert.True(certificate.GetProperty("status").GetString() == "done", certificate.ToString());
        return ([.. forgotten.GetProperty("versions").EnumerateArray().Select(v => v.GetInt32())], certificate.GetProperty("version").GetInt32());
    }

    private async Task<JsonElement[]> RunsAsync() => [.. (await GetAsync("/api/training/runs")).GetProperty("data").EnumerateArray()];

    private async Task<JsonElement> FinishedAsync()
    {
        JsonElement run = default;
        await Eventually.TrueAsync(
            async () =>
            {
                run = (await RunsAsync())[0];
                return run.GetProperty("status").GetString() is "succeeded" or "refused" or "failed" or "cancelled";
            },
            Patience.RunLimit);
        return run;
    }

    private Task<JsonElement> GetAsync(string path) => _client.GetFromJsonAsync<JsonElement>(path);

    private async Task PostAsync(string path, object body)
    {
        using HttpResponseMessage response = await _client.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
