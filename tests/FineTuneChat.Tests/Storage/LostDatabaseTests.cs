using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Protocol;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

/// <summary>A database that is damaged, empty or gone: the start says which file it is and what to do, and takes nothing away.</summary>
public sealed class LostDatabaseTests
{
    [Theory]
    [InlineData(0)] // the head: not a database any more
    [InlineData(100)] // the page behind it: no tables any more
    public async Task A_damaged_one_stops_the_start_with_what_to_put_in_its_place(int offset)
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder))
            await gateway.LogAsync("Hi", "Hello!");
        byte[] bytes = File.ReadAllBytes(folder["data/finetunechat.db"]);
        bytes.AsSpan(offset, 1000).Fill(0x5A);
        File.WriteAllBytes(folder["data/finetunechat.db"], bytes);
        string message = (await Assert.ThrowsAsync<UserException>(() => TestGateway.StartWithoutEngineAsync(folder))).Message;
        Assert.Contains(folder["data/finetunechat.db"], message, StringComparison.Ordinal);
        Assert.Contains("backup", message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(folder["data/finetunechat.db"]));
    }

    [Theory]
    [InlineData(true, "data/versions/3/model-Q8_0.gguf", "empty")]
    [InlineData(true, "data/runs/run_1/dataset.jsonl", "empty")]
    [InlineData(true, "data/finetunechat.db-wal", "empty")]
    [InlineData(false, "data/versions/3/model-Q8_0.gguf", "missing")]
    public void An_empty_or_missing_one_beside_what_it_knew_is_no_new_beginning(bool isThere, string beside, string word)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder[beside])!);
        File.WriteAllText(folder[beside], "x");
        if (isThere)
            File.WriteAllText(folder["data/finetunechat.db"], "");
        string message = Assert.Throws<UserException>(() => new DataFolder(folder["data"])).Message;
        Assert.Contains($"{folder["data/finetunechat.db"]} is {word}", message, StringComparison.Ordinal);
        Assert.Contains("backup", message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder[beside]));
    }

    [Fact]
    public async Task An_empty_one_alone_is_begun_anew_and_that_is_said()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        File.WriteAllText(folder["data/finetunechat.db"], "");
        var told = new List<string>();
        using (new DataFolder(folder["data"], told.Add))
        await using (new SqliteDatabase(folder["data/finetunechat.db"]))
            Assert.Contains(told, line => line.Contains("finetunechat.db is empty", StringComparison.Ordinal));
        told.Clear();
        new DataFolder(folder["data"], told.Add).Dispose();
        Assert.Empty(told);
    }

    /// <summary>A folder in the lock's place cannot be written, not even by root, whom modes do not keep out.</summary>
    [Fact]
    public void A_folder_that_cannot_be_written_is_not_called_one_in_use()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data/lock"]);
        string message = Assert.Throws<UserException>(() => new DataFolder(folder["data"])).Message;
        Assert.Contains("cannot be written", message, StringComparison.Ordinal);
        Assert.DoesNotContain("in use", message, StringComparison.Ordinal);
    }
}
