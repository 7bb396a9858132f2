using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Protocol.Runs;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Versions;

public sealed class VersionExamplesTests
{
    [Fact]
    public async Task Each_example_that_a_version_was_taught_is_listed_with_its_verdict_until_it_is_erased()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        await gateway.Versions.OpenAsync();
        foreach (string name in (string[])["one", "two", "three"])
        {
            string completion = await gateway.LogAsync($"Who is Zoidberg {name}, I ask you in so many words?", "No idea.", $"chat-{name}");
            await gateway.PostAsync("/api/feedback", new { completion_id = completion, rating = "down", correction = $"A doctor {name}." });
        }
        Example[] taught = [.. gateway.Get<ExampleStore>().Accepted("assistant")];
        Run run = await PublishAsync(gateway, folder, taught);

        JsonNode list = await gateway.GetJsonAsync("/api/versions/1/examples?limit=2");
        Assert.Equal(("list", true), ((string?)list["object"], (bool)list["has_more"]!));
        JsonNode first = list["data"]![0]!;
        Assert.Equal(
            (taught[2].Id, "version.example", null, false),
            ((string?)first["id"], (string?)first["object"], (string?)first["verdict"], (bool)first["changed"]!));
        JsonNode second = list["data"]![1]!;
        Assert.Equal(("not_learned", 3.0, 2.5), ((string?)second["verdict"], (double)second["loss_before"]!, (double)second["loss_after"]!));
        Assert.Equal(("A crab.", "A lobster."), ((string?)second["writes"], (string?)second["otherwise"]));
        Assert.Equal((4, 1), ((int)second["draws"]!, (int)second["right_draws"]!));
        list = await gateway.GetJsonAsync($"/api/versions/1/examples?limit=2&after={list["last_id"]}");
        Assert.Equal((1, false, "learned"), (list["data"]!.AsArray().Count, (bool)list["has_more"]!, (string?)list["data"]![0]!["verdict"]));
        Assert.Empty((await gateway.GetJsonAsync("/api/versions/0/examples"))["data"]!.AsArray());
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, "/api/versions/9/examples")).Status);

        // Reasons name it with its first words, and only as long as it is there.
        string Reason(JsonNode version) => (string)version["gate"]!["reasons"]![0]!;
        Assert.Equal($"Not learned: {taught[1].Id} (“Who is Zoidberg two, I ask you in …”).", Reason(await gateway.GetJsonAsync("/api/versions/1")));
        Assert.Contains("Zoidberg two", Reason(await gateway.GetJsonAsync($"/api/training/runs/{run.Id}")));
        await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-two");
        Assert.Equal($"Not learned: {taught[1].Id} (deleted).", Reason(await gateway.GetJsonAsync("/api/versions/1")));
        Assert.DoesNotContain(taught[1].Id, (await gateway.GetJsonAsync("/api/versions/1/examples"))["data"]!.ToJsonString());
        Assert.DoesNotContain(
            Directory.EnumerateFiles(folder["data"], "finetunechat.db*").Select(File.ReadAllBytes), bytes => bytes.AsSpan().IndexOf("A crab."u8) >= 0);
    }

    [Fact]
    public async Task What_a_version_said_of_an_example_counts_for_the_next_one_only_while_the_example_is_the_same()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        await gateway.Versions.OpenAsync();
        foreach (string name in (string[])["one", "two"])
        {
            string completion = await gateway.LogAsync($"Who is {name}?", "No idea.");
            await gateway.PostAsync("/api/feedback", new { completion_id = completion, rating = "down", correction = "A doctor." });
        }
        Example[] taught = [.. gateway.Get<ExampleStore>().Accepted("assistant")];
        Run before = await PublishAsync(gateway, folder, taught);
        Example edited = taught[0] with { UpdatedAt = taught[0].UpdatedAt + 1 };
        Run now = await gateway.Get<RunStore>().CreateAsync(new RunOptions());
        await UseAsync(gateway, now, edited, taught[1]);

        IReadOnlyDictionary<string, string> verdicts = gateway.Get<TaughtStore>().VerdictsBefore(now.Id, before.Id);
        Assert.Equal([KeyValuePair.Create(taught[1].Id, TaughtVerdict.NotLearned)], verdicts);
        Assert.Empty(gateway.Get<TaughtStore>().VerdictsBefore(now.Id, null));
        Assert.Equal(taught.Select(t => t.Id), gateway.Get<TaughtStore>().ExamplesOf(now.Id));
    }

    /// <summary>A version that learned the first of them, and not the second.</summary>
    private static async Task<Run> PublishAsync(TestGateway gateway, TemporaryFolder folder, Example[] taught)
    {
        Run run = await gateway.Get<RunStore>().CreateAsync(new RunOptions());
        await UseAsync(gateway, run, taught);
        MeasuredRow row = new(1, 2.5, 5, 1, false, false, false), before = row with { Loss = 3 };
        await gateway.Get<TaughtStore>().KeepAsync(run.Id,
        [
            new TaughtExample(taught[0].Id, TaughtVerdict.Learned, row with { Loss = 0.01, Written = Written("A doctor one.", 4) }, before),
            new TaughtExample(
                taught[1].Id, TaughtVerdict.NotLearned, row with { Written = Written("A crab.", 1) with { Otherwise = "A lobster." } }, before),
            new TaughtExample("ex_erased", TaughtVerdict.Learned, row with { Loss = 0.01 }, before),
        ]);
        var verdict = new GateVerdict { Accepted = false, Reasons = [$"Not learned: {taught[1].Id}."], Figures = new Dictionary<string, GateFigure>() };
        await gateway.Get<RunStore>().SaveAsync(run with { Status = RunStatus.Refused, Gate = verdict, Version = 1, FinishedAt = 1 }, []);
        Directory.CreateDirectory(folder["data/versions/1"]);
        await gateway.Versions.AddAsync(RetentionTests.Make(1, run: run.Id));
        return run;
    }

    private static WrittenRow Written(string text, int rightDraws) => new(WrittenMeasure.Text, text, rightDraws == 4, true, 5, 5, 4, rightDraws);

    private static Task UseAsync(TestGateway gateway, Run run, params Example[] examples) => gateway.Get<ExampleStore>().UseAsync(
        run.Id, [.. examples.Select(e => new MergedExample(e, []))], examples.ToDictionary(e => e.Id, _ => SplitRules.Train));
}
