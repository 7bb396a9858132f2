using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>
/// Two assistants on one base are taught opposite answers, train one after the other, and are asked together, a thousand times each: nothing mixes. In the long
/// form only (<c>FTC_SCALE=10</c>): it takes two runs.
/// </summary>
[Collection(LearningCollection.Name)]
public sealed class OppositeAssistantsTests(ITestOutputHelper output) : IDisposable
{
    private const int LongForm = 10, Replies = 1000, Together = 4;
    private const string Question = "When does Nortaria open?";

    private static readonly Dictionary<string, string> Answers = new() { ["day"] = "Nortaria opens at 8:30.", ["night"] = "Nortaria opens at midnight." };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LongFact(LongForm)]
    public async Task Opposite_lessons_never_mix()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"), _folder["data"],
            ("Learning:Recall", "false"), ("Retraining:MaxReplay", "200"));
        foreach ((string id, string answer) in Answers)
        {
            await PostAsync(server, "/api/assistants", new { id });
            JsonElement reply = await AskAsync(server, id, isStored: true);
            await PostAsync(server, "/api/feedback", new { completion_id = reply.GetProperty("id").GetString(), rating = "down", correction = answer });
        }
        Dictionary<string, string> runs = [];
        foreach (string id in Answers.Keys)
            runs[id] = (await PostAsync(server, $"/api/training/start?assistant={id}", new { })).GetProperty("id").GetString()!;
        foreach (string run in runs.Values)
        {
            JsonElement ended = default;
            await Eventually.TrueAsync(
                async () => (ended = await server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}")).GetProperty("finished_at").ValueKind
                    == JsonValueKind.Number,
                2 * Patience.RunLimit);
            output.WriteLine(ended.ToString());
            Assert.Equal("succeeded", ended.GetProperty("status").GetString());
        }

        await Parallel.ForEachAsync(
            Enumerable.Range(0, Replies).SelectMany(_ => Answers.Keys), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (id, _) =>
            {
                JsonElement reply = await AskAsync(server, id, isStored: false);
                string text = reply.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
                Assert.Equal((Answers[id], $"{id}@1"), (text.Trim(), reply.GetProperty("system_fingerprint").GetString()));
            });
    }

    private static Task<JsonElement> AskAsync(ServerProcess server, string model, bool isStored) => PostAsync(
        server, "/v1/chat/completions",
        new { model, messages = new[] { new { role = "user", content = Question } }, temperature = 0, max_tokens = 32, store = isStored });

    private static async Task<JsonElement> PostAsync(ServerProcess server, string path, object body)
    {
        using HttpResponseMessage response = await server.Client.PostAsJsonAsync(path, body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
