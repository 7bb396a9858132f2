using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks.Learning;

/// <summary>A server with the starter that is taught as a user teaches it, over the API.</summary>
internal sealed class TaughtServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerProcess _server;

    private TaughtServer(TemporaryFolder folder, ServerProcess server) => (_folder, _server) = (folder, server);

    public static async Task<TaughtServer> StartAsync(params (string Key, string Value)[] settings)
    {
        var folder = new TemporaryFolder();
        return new TaughtServer(folder, await ServerProcess.StartAsync(BenchmarkModels.Starter, folder["data"], settings));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The reply as it is served: greedy, or drawn with the defaults.</summary>
    /// <param name="messages">What is asked.</param>
    /// <param name="seed">Null: greedy.</param>
    /// <param name="schema">A JSON schema to keep to, or null.</param>
    public async Task<string> AskAsync(IEnumerable<(string Role, string Content)> messages, int? seed = null, object? schema = null)
    {
        var body = new Dictionary<string, object>
        {
            ["model"] = "assistant",
            ["max_tokens"] = 400,
            ["messages"] = messages.Select(m => new { role = m.Role, content = m.Content }),
        };
        if (seed is { } drawn)
            body["seed"] = drawn;
        else
            body["temperature"] = 0;
        if (schema is not null)
            body["response_format"] = new { type = "json_schema", json_schema = new { name = "report", strict = true, schema } };
        JsonElement completion = await _server.PostAsync("/v1/chat/completions", body);
        return completion.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!.Trim();
    }

    public Task<string> AskAsync(string question, int? seed = null) => AskAsync([("user", question)], seed);

    /// <summary>Asks, and gives the wanted reply as a correction.</summary>
    public async Task CorrectAsync(string question, string answer)
    {
        JsonElement completion = await _server.PostAsync("/v1/chat/completions", new
        {
            model = "assistant",
            temperature = 0,
            max_tokens = 64,
            messages = new[] { new { role = "user", content = question } },
        });
        await _server.PostAsync(
            "/api/feedback", new { completion_id = completion.GetProperty("id").GetString(), rating = "down", correction = answer });
    }

    /// <summary>Imports rows of OpenAI's format.</summary>
    public Task ImportAsync(string file, IEnumerable<string> rows) => _server.PostAsync("/api/dataset/import", new { file, text = string.Join('\n', rows) });

    /// <summary>Trains, and waits until it is decided.</summary>
    public async Task<JsonElement> TrainAsync(int seed)
    {
        string id = (await _server.PostAsync("/api/training/start", new { options = new { seed } })).GetProperty("id").GetString()!;
        JsonElement run = default;
        await Eventually.TrueAsync(
            async () =>
            {
                run = await _server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{id}");
                return run.GetProperty("status").GetString() is "succeeded" or "refused" or "failed" or "cancelled";
            },
            Patience.RunLimit);
        return run;
    }
}
