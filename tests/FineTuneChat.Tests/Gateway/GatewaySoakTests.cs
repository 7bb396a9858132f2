using System.Diagnostics;
using System.Globalization;
using FineTuneChat.Tests.Engine;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.Tests.Gateway;

/// <summary>The same load through the whole server, for five seconds, or with <c>FTC_SCALE=120</c> for ten minutes: a line of figures every minute.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class GatewaySoakTests(ITestOutputHelper output)
{
    private const double MegabytesOfCaches = 40; // log, database and heap grow to their sizes
    private const int WarmUpRequests = 200; // on a busy machine they take longer than the time
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5) * Scale.Factor, WarmUp = Duration / 5;

    [Fact]
    public async Task Nothing_leaks_and_nothing_is_stuck()
    {
        using var folder = new TemporaryFolder();
        using GatewayProcess gateway = await (await GatewayProcess.StartAsync(folder)).ReadyAsync();
        int engine = Assert.Single(ChildProcesses.Of(gateway.Id));
        var load = new SoakLoad(gateway.Client);
        var clock = Stopwatch.StartNew();
        int told = 0; // minutes

        await load.RunAsync(seed: 1, _ => GoesOn(WarmUp) || load.Sent < WarmUpRequests);
        (ProcessFigures gatewayBefore, ProcessFigures engineBefore) = (ProcessFigures.Of(gateway.Id), ProcessFigures.Of(engine));
        output.WriteLine(Figures());
        TimeSpan warmedUp = clock.Elapsed;
        await load.RunAsync(seed: 2, _ => GoesOn(warmedUp + Duration));
        output.WriteLine(Figures());

        await Eventually.TrueAsync(async () => await MetricAsync("llamacpp:requests_processing") + await MetricAsync("llamacpp:requests_deferred") == 0);
        await Eventually.TrueAsync(() =>
            ProcessFigures.Of(engine).Handles <= engineBefore.Handles + SoakLoad.AtATime
            && ProcessFigures.Of(gateway.Id).Handles <= gatewayBefore.Handles + (2 * SoakLoad.AtATime));
        output.WriteLine(
            $"at rest: gateway {ProcessFigures.Of(gateway.Id)}; engine {ProcessFigures.Of(engine)}; "
            + $"cache {await MetricAsync("llamacpp:kv_cache_tokens")} tokens, {await MetricAsync("llamacpp:kv_cache_usage_ratio"):0%}");
        Assert.Equal([engine], ChildProcesses.Of(gateway.Id)); // it has lived all the time
        Assert.InRange(ProcessFigures.Of(gateway.Id).ResidentMegabytes, 0, (gatewayBefore.ResidentMegabytes * 1.2) + MegabytesOfCaches);
        Assert.InRange(ProcessFigures.Of(engine).ResidentMegabytes, 0, (engineBefore.ResidentMegabytes * 1.2) + MegabytesOfCaches);

        bool GoesOn(TimeSpan until)
        {
            int minute = (int)clock.Elapsed.TotalMinutes;
            if (Interlocked.Exchange(ref told, minute) != minute)
                output.WriteLine(Figures());
            return clock.Elapsed < until;
        }

        string Figures() =>
            $"{clock.Elapsed:m\\:ss}: {load.Sent} requests, {load.Left} given up, "
            + $"{string.Join(" ", load.Answers.OrderBy(a => a.Key).Select(a => $"{a.Value}×{a.Key}"))}; "
            + $"gateway {ProcessFigures.Of(gateway.Id)}; engine {ProcessFigures.Of(engine)}";

        async Task<double> MetricAsync(string name)
        {
            string line = (await gateway.Client.GetStringAsync("/metrics")).Split('\n').First(l => l.StartsWith(name + " ", StringComparison.Ordinal));
            return double.Parse(line[name.Length..], CultureInfo.InvariantCulture);
        }
    }
}
