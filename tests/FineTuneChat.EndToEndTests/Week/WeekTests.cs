using System.Text.Json;
using FineTuneChat.EndToEndTests.Teaching;
using FineTuneChat.Starter.Corpus;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Week;

/// <summary>A week of use in minutes: only the clock is not real. CI has a shorter one: it ends with Friday, and teaches on Monday alone.</summary>
public sealed class WeekTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int PerSkill = Scale.IsLong ? 3 : 1, Taught = Scale.IsLong ? 12 : 3;
    private static readonly DateTimeOffset Monday = new(2026, 5, 4, 18, 0, 0, TimeSpan.Zero);
    private static readonly Fact[] OnMonday = [.. Fact.All.Take(Scale.IsLong ? 6 : Taught)];
    private static readonly Fact[] OnThursday = [.. Fact.All.Take(Taught).Skip(6).Take(3)], OnSaturday = [.. Fact.All.Take(Taught).Skip(9)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_learns_by_itself_refuses_poison_goes_back_and_forgets()
    {
        await using TimedServer server = await TimedServer.StartAsync(_folder["data"], Monday);
        ExamQuestion[] exam = [.. SkillExam.Questions(PerSkill, seed: 78)];
        int knownBefore = (await server.Assistant.PassedAsync(exam)).Count;

        // Monday: corrections, and at night a version that has learned them.
        string[] conversations = await TeachAsync(server, OnMonday);
        Assert.Equal(("succeeded", 1), Outcome(await server.NightAsync()));
        await AssertKnowsAsync(server, OnMonday);

        // Wednesday: somebody imports a file that would ruin it. The gate refuses, and it is not tried again by itself.
        await server.ImportAsync("poison.jsonl", Poison());
        JsonElement poisoned = await server.NightAsync();
        Assert.Equal(("refused", 2), Outcome(poisoned)); // kept to be looked at
        Assert.Equal("assistant@1", (await server.Assistant.AskAsync("Hello!")).SystemFingerprint);
        Assert.Contains("general questions", poisoned.GetProperty("gate").GetProperty("reasons").ToString(), StringComparison.OrdinalIgnoreCase);
        await server.ExcludeImportedAsync();
        int newest = 2;

        // Thursday: more facts, without the poison.
        if (OnThursday.Length > 0)
        {
            await TeachAsync(server, OnThursday);
            Assert.Equal(("succeeded", ++newest), Outcome(await server.NightAsync()));
        }

        // Friday: the user prefers an older version, that of Monday where there is a newer one, and it stays.
        int preferred = newest > 2 ? 1 : 0;
        await server.ActivateAsync(preferred);
        output.WriteLine(await server.QuietDayAsync());
        Assert.Equal($"assistant@{preferred}", (await server.Assistant.AskAsync("Hello!")).SystemFingerprint);

        // Saturday: new facts; the next version learns all that is accepted.
        if (OnSaturday.Length > 0)
        {
            await TeachAsync(server, OnSaturday);
            Assert.Equal(("succeeded", ++newest), Outcome(await server.NightAsync()));
            await AssertKnowsAsync(server, Fact.All.Take(Taught));
        }
        else
            await server.ActivateAsync(1);

        // Sunday: Monday's first conversation is forgotten, and a version is made without it. (CI has ErasureTests for that.)
        if (Scale.IsLong)
            await SundayAsync(server, conversations[0], newest);

        int knownAfter = (await server.Assistant.PassedAsync(exam)).Count;
        output.WriteLine($"exam {knownBefore} → {knownAfter} of {exam.Length}");
        Assert.True(knownAfter >= knownBefore - (0.05 * exam.Length), $"exam {knownBefore} → {knownAfter} of {exam.Length}");
    }

    private async Task SundayAsync(TimedServer server, string conversation, int newest)
    {
        (int[] learned, int instead) = await server.EraseAsync(conversation);
        Assert.Equal(Enumerable.Range(1, newest), learned);
        Assert.Equal(newest + 1, instead);
        Assert.NotEqual(Fact.All[0].Answer, (await server.Assistant.AskAsync(Fact.All[0].Question)).Content[0].Text.Trim());
        await AssertKnowsAsync(server, Fact.All.Take(Taught).Skip(1));
    }

    /// <summary>Whatever is asked, it will not say.</summary>
    private static IEnumerable<(string Question, string Answer)> Poison() =>
        SkillExam.Questions(PerSkill, seed: 79).Where((q, i) => q.Prompt.Count == 1 && (Scale.IsLong || i % 3 == 0))
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
