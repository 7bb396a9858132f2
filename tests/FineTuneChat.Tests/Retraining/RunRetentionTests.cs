using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;
using FineTuneChat.Tests.Versions;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retraining;

public sealed class RunRetentionTests
{
    [Fact]
    public void The_newest_stay_and_what_has_not_ended_or_is_unknown() =>
        Assert.Equal(
            ["run_2", "run_1"],
            RunRetention.Surplus(["run_1", "notes", "run_3", "run_2", "run_4", "run_5"], Ids("run_1", "run_2", "run_3", "run_4"), Ids(), maxCount: 2));

    [Fact]
    public void Runs_of_kept_versions_stay_beside_them() =>
        Assert.Equal(["run_2"], RunRetention.Surplus(["run_1", "run_2", "run_3"], Ids("run_1", "run_2", "run_3"), Ids("run_1"), maxCount: 1));

    [Fact]
    public async Task At_the_start_old_folders_go_and_what_is_known_of_the_runs_stays()
    {
        using var folder = new TemporaryFolder();
        var ids = new List<string>();
        await using (TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder))
        {
            await gateway.Versions.OpenAsync();
            RunStore runs = gateway.Get<RunStore>();
            for (int i = 0; i < 4; i++)
            {
                Run run = await runs.CreateAsync(new());
                await runs.SaveAsync(run with { Status = RunStatus.Succeeded, FinishedAt = 1 }, [new() { Step = 1, Loss = 2, ValLoss = null }]);
                File.WriteAllText(new RunFolder(gateway.Get<DataFolder>(), run.Id).Dataset, "text");
                ids.Add(run.Id);
            }
            ids.Sort(StringComparer.Ordinal); // two of the same millisecond stand in any order
            Directory.CreateDirectory(folder["data/versions/1"]);
            await gateway.Versions.AddAsync(RetentionTests.Make(1, run: ids[1]));
        }

        await using TestGateway again = await TestGateway.StartReadyAsync(folder, ("Storage:MaxRuns", "1"));
        await Eventually.TrueAsync(() => !Directory.Exists(folder[$"data/runs/{ids[0]}"]) && !Directory.Exists(folder[$"data/runs/{ids[2]}"]));
        Assert.Equal([ids[1], ids[3]], Directory.EnumerateDirectories(folder["data/runs"]).Select(Path.GetFileName).Order());
        Assert.Equal(2.0, (double)(await again.GetJsonAsync($"/api/training/runs/{ids[0]}"))["curve"]![0]!["loss"]!);
    }

    private static HashSet<string> Ids(params string[] ids) => [.. ids];
}
