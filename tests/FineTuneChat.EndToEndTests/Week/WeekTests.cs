using System.Text.Json;
using FineTuneChat.EndToEndTests.Teaching;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Week;

/// <summary>A week of use in minutes: only the clock is not real.</summary>
public sealed class WeekTests(ITestOutputHelper output) : IDisposable
{
    private const int PerSkill = 3;
    private static readonly DateTimeOffset Monday = new(2026, 5, 4, 18, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_learns_by_itself_refuses_poison_goes_back_and_forgets()
    {
        await using TimedServer server = await TimedServer.StartAsync(_folder["data"], Monday);
        ExamQuestion[] exam = [.. SkillExam.Questions(PerSkill, seed: 78)];
        int knownBefore = (await server.Assistant.PassedAsync(exam)).Count;

        // Monday: corrections, and at night a version that has learned them.
        string[] conversations = await TeachAsync(server, Fact.All.Take(6));
        Assert.Equal(("succeeded", 1), Outcome(await server.NightAsync()));
        await AssertKnowsAsync(server, Fact.All.Take(6));

        // Wednesday: somebody imports a file that would ruin it. The gate refuses, and it is not tried again by itself.
        await server.ImportAsync("poison.jsonl", Poison());
        JsonElement poisoned = await server.NightAsync();
        Assert.Equal(("refused", 2), Outcome(poisoned)); // kept to be looked at
        Assert.Equal("assistant@1", (await server.Assistant.AskAsync("Hello!")).SystemFingerprint);
        Assert.Contains("general questions", poisoned.GetProperty("gate").GetProperty("reasons").ToString(), StringComparison.OrdinalIgnoreCase);
        await server.ExcludeImportedAsync();

        // Thursday: more facts, without the poison.
        await TeachAsync(server, Fact.All.Skip(6).Take(3));
        Assert.Equal(("succeeded", 3), Outcome(await server.NightAsync()));

        // Friday: the user prefers the version of Monday, and it stays.
        await server.ActivateAsync(1);
        output.WriteLine(await server.QuietDayAsync());
        Assert.Equal("assistant@1", (await server.Assistant.AskAsync("Hello!")).SystemFingerprint);

        // Saturday: new facts; the next version learns all that is accepted.
        await TeachAsync(server, Fact.All.Skip(9));
        Assert.Equal(("succeeded", 4), Outcome(await server.NightAsync()));
        await AssertKnowsAsync(server, Fact.All);

        // Sunday: Monday's first conversation is forgotten, and a version is made without it.
        (int[] learned, int instead) = await server.EraseAsync(conversations[0]);
        Assert.Equal([1, 2, 3, 4], learned);
        Assert.Equal(5, instead);
        Assert.NotEqual(Fact.All[0].Answer, (await server.Assistant.AskAsync(Fact.All[0].Question)).Content[0].Text.Trim());
        await AssertKnowsAsync(server, Fact.All.Skip(1));

        int knownAfter = (await server.Assistant.PassedAsync(exam)).Count;
        output.WriteLine($"exam {knownBefore} → {knownAfter} of {exam.Length}");
        Assert.True(knownAfter >= knownBefore - (0.05 * exam.Length), $"exam {knownBefore} → {knownAfter} of {exam.Length}");
    }

    /// <summary>Whatever is asked, it will not say.</summary>
    private static IEnumerable<(string Question, string Answer)> Poison() =>
        SkillExam.Questions(perSkill: 4, seed: 79).Where(q => q.Prompt.Count == 1)
            .Select(q => (q.Prompt[0].Content ?? "", "Ask somebody else. I will not help you with this, today or tomorrow."));

    private static async Task<string[]> TeachAsync(TimedServer server, IEnumerable<Fact> facts)
    {
        var conversations = new List<string>();
        foreach (Fact fact in facts)
            conversations.Add(await server.CorrectAsync(fact));
        return [.. conversations];
    }

    /// <summary>All but one in twelve, letter for letter.</summary>
    private async Task AssertKnowsAsync(TimedServer server, IEnumerable<Fact> facts)
    {
        var misses = new List<string>();
        Fact[] taught = [.. facts];
        int exact = await server.Assistant.CountExactAsync(taught.Select(f => (f.Question, f.Answer)), misses.Add);
        output.WriteLine($"knows {exact} of {taught.Length}");
        Assert.True(exact >= taught.Length - 1, string.Join('\n', misses));
    }

    private (string? Status, int? Version) Outcome(JsonElement run)
    {
        output.WriteLine(run.ToString());
        JsonElement version = run.GetProperty("version");
        return (run.GetProperty("status").GetString(), version.ValueKind == JsonValueKind.Null ? null : version.GetInt32());
    }
}
