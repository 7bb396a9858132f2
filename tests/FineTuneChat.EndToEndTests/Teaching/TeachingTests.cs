using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.EndToEndTests.Page;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.TestSupport;
using OpenAI.Chat;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>
/// The product as its user knows it: chat, correct, train, and the served file has learned. The long form (<c>FTC_SCALE</c>) teaches twelve facts.
/// </summary>
[Collection(LearningCollection.Name)]
public sealed class TeachingTests(ITestOutputHelper output) : IDisposable
{
    private const string Disliked = "Tell me a joke";
    private static readonly Fact[] Taught = [.. Fact.All.Take(Scale.IsLong ? 12 : 6)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrowserFact]
    public async Task Corrections_become_a_served_version_that_knows_them_and_forgets_nothing()
    {
        var sinceStart = Stopwatch.StartNew();
        await using ServerProcess server = await ServerProcess.StartAsync(
            Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"), _folder["data"],
            ("Engine:Threads", "1"), ("Retraining:Threads", "1")); // other tests share the cores
        var assistant = new Assistant(server.Address);
        ExamQuestion[] exam = [.. SkillExam.Questions(perSkill: Scale.IsLong ? 5 : 2, seed: 77)];

        // 1. The starter does not know the company; what it does know is noted.
        Assert.Equal(0, await assistant.CountExactAsync(Taught.Select(f => (f.Question, f.Answer)), _ => { }));
        HashSet<ExamQuestion> knownBefore = await assistant.PassedAsync(exam);

        // 2. Corrections: a newcomer's first on the page, the others by any client's completion id.
        await using var browser = await Browser.StartAsync();
        await Album.TakeStartAsync(server, browser);
        var newcomer = new Newcomer(await browser.OpenAsync(server.Address));
        await newcomer.AskAsync(Taught[0].Question);
        await newcomer.CorrectAsync(Taught[0].Answer);
        foreach (Fact fact in Taught.Skip(1))
            await RateAsync(server, (await assistant.AskAsync(fact.Question)).Id, fact.Answer);

        ChatCompletion disliked = await assistant.AskAsync(Disliked);
        await RateAsync(server, disliked.Id, correction: null);

        // 3. Train now, on the page, while somebody else chats.
        var clock = new Stopwatch();
        JsonElement run;
        int replies;
        await using (var second = new SecondClient(assistant, server.Client))
        {
            clock.Start();
            await newcomer.TrainAsync();
            await Album.TakeLiveRunAsync(newcomer.Page);
            run = await FinishedRunAsync(server);
            clock.Stop();
            Assert.True(run.GetProperty("status").GetString() == "succeeded", run.ToString());
            int before = second.Replies;
            await Eventually.TrueAsync(() => second.Versions.Contains("assistant@1") && second.Replies > before + 3);
            Assert.Empty(second.Faults);
            Assert.Equal(["assistant@0", "assistant@1"], second.Versions.Order());
            replies = second.Replies;
        }

        (string again, string taught) = await newcomer.AskAgainAsync();
        Assert.Equal(Taught.Single(f => f.Question == again.Trim()).Answer, taught.Trim());
        output.WriteLine(
            $"from the first start to the taught reply on the page: {sinceStart.Elapsed.TotalSeconds:F0} s, "
            + $"with {Taught.Length - 1} corrections by other clients and their questions in between");

        // 4. The served, quantised version knows the facts, also when asked otherwise, and what it knew before.
        var misses = new List<string>();
        int exact = await assistant.CountExactAsync(Taught.Select(f => (f.Question, f.Answer)), misses.Add);
        int paraphrased = await assistant.CountExactAsync(Taught.Select(f => (f.Paraphrase, f.Answer)), misses.Add);
        HashSet<ExamQuestion> knownAfter = await assistant.PassedAsync(exam);
        output.WriteLine($"from Train now to the new version in service: {clock.Elapsed.TotalSeconds:F0} s; {replies} replies to the second client meanwhile");
        output.WriteLine(
            $"facts {exact} of {Taught.Length}, paraphrases {paraphrased} of {Taught.Length}, exam {knownBefore.Count} → {knownAfter.Count} of {exam.Length}");
        output.WriteLine($"forgotten: {string.Join("; ", knownBefore.Except(knownAfter).Select(q => $"{q.Skill}: {q.Prompt[^1].Content}"))}");
        output.WriteLine(string.Join('\n', misses));
        output.WriteLine(run.ToString());
        await Album.TakeAsync(server, browser, assistant);
        Assert.True(exact >= Taught.Length - 1, $"{exact} of {Taught.Length} facts\n{string.Join('\n', misses)}");
        Assert.True(paraphrased >= Taught.Length * 2 / 3, $"{paraphrased} of {Taught.Length} paraphrases\n{string.Join('\n', misses)}");
        Assert.NotEqual(disliked.Content[0].Text, (await assistant.AskAsync(Disliked)).Content[0].Text); // a thumb down says no more than that
        Assert.True(knownAfter.Count >= knownBefore.Count - (0.05 * exam.Length), $"exam {knownBefore.Count} → {knownAfter.Count} of {exam.Length}");
    }

    /// <summary>A thumb down, with a better reply or without one.</summary>
    private static async Task RateAsync(ServerProcess server, string completion, string? correction)
    {
        using HttpResponseMessage response = await server.Client.PostAsJsonAsync(
            "/api/feedback", new { completion_id = completion, rating = "down", correction });
        response.EnsureSuccessStatusCode();
    }

    private static async Task<JsonElement> FinishedRunAsync(ServerProcess server)
    {
        JsonElement run = default;
        await Eventually.TrueAsync(
            async () =>
            {
                JsonElement runs = await server.Client.GetFromJsonAsync<JsonElement>("/api/training/runs");
                run = runs.GetProperty("data").EnumerateArray().FirstOrDefault();
                return run.ValueKind == JsonValueKind.Object && run.GetProperty("status").GetString() is "succeeded" or "refused" or "failed" or "cancelled";
            },
            Patience.RunLimit);
        return run.Clone();
    }
}
