using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>Swaps under load: clients that never pause, while two versions of the starter take turns. What they notice, what is logged, what stays.</summary>
internal static class SwapBenchmark
{
    private const int Clients = 16, Second = 1; // index of the swap that later ones are compared with
    private const double SlowestFirst = 1.5, MostMemory = 1.03, SlowestAdapter = 200; // the bars; the last in milliseconds
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10); // .NET compiles again what is called often
    // around each swap: the versions are of different speed, so each is compared with what came before it
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2), After = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Report report, bool isSmall)
    {
        int swaps = isSmall ? 4 : 20;
        await MeasureAsync(report, "swap", swaps, isAdapter: false); // each version has a process of its own
        await MeasureAsync(report, "adapter swap", swaps, isAdapter: true); // all in one
    }

    private static async Task MeasureAsync(Report report, string what, int swaps, bool isAdapter)
    {
        using var folder = new TemporaryFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(BenchmarkModels.Starter, folder["data"]);
        await AddVersionAsync(folder["data"], isAdapter);

        // 1. The load, without swaps and with them.
        var replies = new ConcurrentBag<SwapReply>();
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(i => Task.Run(() => new SwapClient(server, i, replies).ChatAsync(stop.Token)))];
        await Task.Delay(Settling);
        var done = new List<Swap>();
        for (int i = 0; i < swaps; i++)
            done.Add(await SwapAsync(server, version: i % 2));
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        // 2. What the clients noticed.
        double before = Percentile95(replies.Where(r => done.Any(swap => r.Asked >= swap.Quiet && r.Asked < swap.From)));
        double during = Percentile95(replies.Where(r => done.Any(swap => r.Asked >= swap.From && r.Asked < swap.To)));
        report.Add($"{what}: replies", replies.Count, "replies");
        report.Add($"{what}: replies that failed", replies.Count(r => r.Fault is not null), "replies", atMost: 0);
        report.Add($"{what}: replies of mixed versions", replies.Count(r => r.Models.Count > 1), "replies", atMost: 0);
        report.Add(
            $"{what}: replies whose log row is missing or names another version", await WronglyLoggedAsync(folder["data"], replies), "replies", atMost: 0);
        report.Add($"{what}: time to first token before, 95th percentile", before, "ms");
        report.Add($"{what}: time to first token during, 95th percentile", during, "ms", during / before, "before", SlowestFirst);
        report.Add(
            $"{what}: until the new version answers, median", done.Select(swap => swap.Milliseconds).Order().ElementAt(swaps / 2), "ms",
            atMost: isAdapter ? SlowestAdapter : null);

        // 3. What stays.
        Memory("gateway", swap => swap.Gateway);
        Memory("engine", swap => swap.Engine);
        report.Add($"{what}: engines at the end", await EnginesAsync(server), "processes", atMost: 1);
        foreach (string fault in replies.Select(r => r.Fault).OfType<string>().Distinct().Take(5))
            Console.Error.WriteLine(fault);

        void Memory(string process, Func<Swap, ProcessFigures> of)
        {
            ProcessFigures early = of(done[Second]), late = of(done[^1]); // of the same version
            report.Add(
                $"{what}: {process}'s memory after {swaps} swaps", late.ResidentMegabytes, "MB",
                late.ResidentMegabytes / early.ResidentMegabytes, "after 2", MostMemory);
            report.Add($"{what}: {process}'s open files after {swaps} swaps", late.Handles, "files", (double)late.Handles / early.Handles, "after 2");
        }
    }

    private static async Task<Swap> SwapAsync(ServerProcess server, int version)
    {
        long quiet = Stopwatch.GetTimestamp();
        await Task.Delay(Before);
        long from = Stopwatch.GetTimestamp();
        await server.PostAsync($"/api/versions/{version}/activate", new { });
        double milliseconds = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        await Task.Delay(After); // the old engine finishes, the new one is new
        return new(
            quiet, from, Stopwatch.GetTimestamp(), milliseconds,
            ProcessFigures.Of(server.ProcessId), ProcessFigures.Of(ChildProcesses.Of(server.ProcessId).Max()));
    }

    /// <summary>Version 1 of the assistant, as a run would have left it: the starter in another type, or an adapter of it.</summary>
    private static async Task AddVersionAsync(string data, bool isAdapter)
    {
        string file = Path.Combine("versions", "1", isAdapter ? "adapter.gguf" : "model-Q8_0.gguf"), path = Path.Combine(data, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (isAdapter)
            RandomAdapter.Write(path, BenchmarkModels.Starter, seed: 1, strength: 0.1f, rank: 16);
        else
            ModelQuantizer.Quantize(BenchmarkModels.Starter, path, ModelFileType.Q8_0, threads: 1);
        string hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path)));
        await using var database = new SqliteDatabase(Path.Combine(data, DataFolder.DatabaseName));
        await database.WriteAsync(c => c.Execute(
            """
            INSERT INTO versions (assistant, number, base, base_sha256, file, adapter, type, bytes, figures, status, sha256, created_at)
            SELECT 'assistant', 1, base, base_sha256, @file, @adapter, @type, @bytes, '{}', 'accepted', @hash, 1
            FROM versions WHERE assistant = 'assistant' AND number = 0
            """,
            new { file, adapter = isAdapter ? file : null, type = isAdapter ? "F16+LoRA" : "Q8_0", bytes = new FileInfo(path).Length, hash }));
    }

    /// <summary>Whole replies that the log does not hold as the client saw them.</summary>
    private static async Task<int> WronglyLoggedAsync(string dataFolder, IReadOnlyCollection<SwapReply> replies)
    {
        await using var database = new SqliteDatabase(Path.Combine(dataFolder, DataFolder.DatabaseName));
        Dictionary<string, (string Model, int? Version)> rows = database
            .Read(c => c.Query<(string Id, string Model, int? Version)>("SELECT completion_id, model, version FROM exchanges"))
            .ToDictionary(row => row.Id, row => (row.Model, row.Version));
        return replies.Count(r => r.Fault is null
            && (!rows.TryGetValue(r.Id!, out (string Model, int? Version) row) || !r.Models.SetEquals([row.Model]) || row.Model != $"assistant@{row.Version}"));
    }

    private static double Percentile95(IEnumerable<SwapReply> replies)
    {
        double[] times = [.. replies.Where(r => r.Fault is null).Select(r => r.FirstToken).Order()];
        return times.Length == 0 ? 0 : times[times.Length * 95 / 100];
    }

    /// <summary>Children of the gateway, once the old ones have ended.</summary>
    private static async Task<int> EnginesAsync(ServerProcess server)
    {
        int count = 0;
        await Eventually.TrueAsync(() => (count = ChildProcesses.Of(server.ProcessId).Count()) <= 1);
        return count;
    }

    /// <summary>A swap: the quiet before it, when it was, how long until the new version answered, and what the processes held a second later.</summary>
    private sealed record Swap(long Quiet, long From, long To, double Milliseconds, ProcessFigures Gateway, ProcessFigures Engine);
}
