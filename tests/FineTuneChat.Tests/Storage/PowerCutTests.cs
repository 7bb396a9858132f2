using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

/// <summary>
/// The database's files as they are at random moments of a busy gateway: a sound database, with everything in it that was acknowledged before.
/// The gateway stands still while they are copied, so that the copy is one moment.
/// </summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class PowerCutTests
{
    private const int Clients = 4;

    [UnixFact("signals")]
    public async Task Whatever_moment_the_power_goes_the_database_is_whole_and_nothing_acknowledged_is_missing()
    {
        using var folder = new TemporaryFolder();
        using GatewayProcess gateway = await (await GatewayProcess.StartAsync(folder)).ReadyAsync();
        var acknowledged = new ConcurrentDictionary<string, bool>(); // completion → whether its rating was, too
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(i => Task.Run(() => RateUntilStoppedAsync(gateway, i, acknowledged, stop.Token)))];
        var random = new Random(1);
        for (int cut = 0; cut < 5 * Scale.Factor; cut++)
        {
            int before = acknowledged.Count;
            await Eventually.TrueAsync(() => acknowledged.Count >= before + random.Next(1, 9));
            Dictionary<string, bool> expected = Freeze(gateway, folder["data"], folder[$"cut{cut}"], acknowledged);
            await AssertWholeAsync(Path.Combine(folder[$"cut{cut}"], "finetunechat.db"), expected);
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients);
    }

    private static async Task RateUntilStoppedAsync(GatewayProcess gateway, int client, ConcurrentDictionary<string, bool> acknowledged, CancellationToken stop)
    {
        for (int turn = 0; !stop.IsCancellationRequested; turn++)
        {
            (int status, JsonNode reply) = await gateway.PostAsync(
                "/v1/chat/completions",
                new { model = "assistant", messages = new[] { new { role = "user", content = $"{client}.{turn}" } }, max_tokens = 1 });
            Assert.Equal(200, status);
            string id = (string)reply["id"]!;
            acknowledged[id] = false;
            (status, _) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = $"Reply {client}.{turn}" });
            Assert.Equal(200, status);
            acknowledged[id] = true;
        }
    }

    /// <summary>Copies the files of one moment; returns what had been acknowledged by then.</summary>
    private static Dictionary<string, bool> Freeze(GatewayProcess gateway, string data, string copy, ConcurrentDictionary<string, bool> acknowledged)
    {
        Signal("-STOP", gateway.Id);
        try
        {
            var known = new Dictionary<string, bool>(acknowledged);
            Directory.CreateDirectory(copy);
            foreach (string file in (string[])["finetunechat.db", "finetunechat.db-wal"])
                if (File.Exists(Path.Combine(data, file)))
                    File.Copy(Path.Combine(data, file), Path.Combine(copy, file));
            return known;
        }
        finally
        {
            Signal("-CONT", gateway.Id);
        }
    }

    private static async Task AssertWholeAsync(string file, Dictionary<string, bool> expected)
    {
        await using var database = new SqliteDatabase(file);
        Assert.Empty(await database.CheckAsync());
        HashSet<string> logged = [.. database.Read(c => c.Query<string>("SELECT completion_id FROM exchanges").ToArray())];
        HashSet<string> rated = [.. database.Read(c => c.Query<string>("SELECT completion_id FROM examples WHERE status = 'accepted'").ToArray())];
        Assert.Subset(logged, expected.Keys.ToHashSet());
        Assert.Subset(rated, expected.Where(e => e.Value).Select(e => e.Key).ToHashSet());
    }

    private static void Signal(string signal, int process)
    {
        using Process kill = Process.Start("kill", [signal, $"{process}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
