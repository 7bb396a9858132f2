using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>What the gateway's memory grows to.</summary>
internal static class ServingMemory
{
    private const int Requests = 10_000, AtATime = 8;

    public static async Task RunAsync(Report report)
    {
        using var folder = new TemporaryFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(BenchmarkModels.Starter, folder["data"]);
        var client = new ServingClient(server, word: null);
        report.Add("gateway, after its start", ProcessFigures.Of(server.ProcessId).ResidentMegabytes, "MB");
        double most = 0;
        for (int done = 0; done < Requests; done += AtATime)
        {
            await client.AskAsync(AtATime, characters: 40, tokens: 3);
            most = Math.Max(most, ProcessFigures.Of(server.ProcessId).ResidentMegabytes);
        }

        report.Add($"gateway, after {Requests} requests", ProcessFigures.Of(server.ProcessId).ResidentMegabytes, "MB");
        report.Add($"gateway, at most in between", most, "MB");
    }
}
