using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

/// <summary>What people have said to their assistant is for the owner of the data folder alone.</summary>
[UnsupportedOSPlatform("windows")]
[Trait(Tier.Name, Tier.Slow)]
public sealed class PrivateDataTests
{
    private const UnixFileMode ForOthers = (UnixFileMode)0b111_111;

    [UnixFact]
    [Trait(Tier.Name, Tier.Slow)]
    public async Task Nobody_else_reads_anything_that_a_chat_or_a_run_leaves_behind()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        (_, JsonNode reply) = await gateway.ChatAsync("When do you open?");
        Assert.Empty(OpenEntries(folder["data"])); // with the log of changes that SQLite keeps beside the database
        await gateway.PostAsync("/api/feedback", new { completion_id = (string?)reply["id"], rating = "down", correction = "At nine." });
        (_, JsonNode run) = await gateway.PostAsync(
            "/api/training/start", new { options = new { epochs = 60, rank = 8, learning_rate = 0.002, batch_size = 1 } });
        await Eventually.TrueAsync(
            async () => (await gateway.GetJsonAsync($"/api/training/runs/{run["id"]}"))["version"] is not null
                && (await gateway.GetJsonAsync("/api/training"))["run"] is null,
            TimeSpan.FromMinutes(3));
        Assert.NotEmpty(Directory.EnumerateFiles(folder["data/versions/1"]));
        await Eventually.TrueAsync(() => OpenEntries(folder["data"]).Length == 0); // once the run has tidied up
    }

    [UnixFact]
    public void A_folder_that_others_could_read_is_closed_by_the_next_start_which_says_so_once()
    {
        using var folder = new TemporaryFolder();
        string[] files = ["data/finetunechat.db", "data/finetunechat.db-wal", "data/versions/1/model-Q8_0.gguf", "data/runs/run_1/dataset.jsonl", "data/lock"];
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            File.WriteAllText(folder[file], "x");
        }
        File.WriteAllText(folder["data/of-the-user.txt"], "not ours");
        foreach (FileSystemInfo entry in new DirectoryInfo(folder.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
            entry.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.OtherRead;

        var told = new List<string>();
        new DataFolder(folder["data"], told.Add).Dispose();
        new DataFolder(folder["data"], told.Add).Dispose();
        Assert.Equal([folder["data/of-the-user.txt"]], OpenEntries(folder["data"]));
        Assert.Contains(folder["data"], Assert.Single(told), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Backups_and_exported_examples_are_private_too()
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder))
            await gateway.PostAsync("/api/feedback", new { completion_id = await gateway.LogAsync("Hi", "Hello!"), rating = "up" });
        foreach (string[] verb in (string[][])[["database", "backup", folder["copy.db"]], ["dataset", "export", "--out", folder["rows.jsonl"]]])
            Assert.Equal(0, (await ProgramProcess.RunAsync([.. verb, "--data", folder["data"]])).ExitCode);
        Assert.All((string[])["copy.db", "rows.jsonl"], file => Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(folder[file]) & ForOthers));
    }

    /// <summary>The folder itself, or what is in it.</summary>
    private static string[] OpenEntries(string folder) =>
    [
        .. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(new DirectoryInfo(folder))
            .Where(entry => (entry.UnixFileMode & ForOthers) != 0).Select(entry => entry.FullName),
    ];
}
