using System.Globalization;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine;

/// <summary>Everything at once, much of it given up half-way: nothing is stuck, lost or left over. <c>FTC_SCALE</c> makes it longer.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SoakTests(TestEngine engine) : IClassFixture<TestEngine>
{
    [Fact]
    public async Task Mixed_load_with_clients_that_leave_leaves_nothing_behind()
    {
        string question = TestEngine.Ask("soak", "\"max_tokens\":30,\"ignore_eos\":true");
        string before = TestEngine.TextOf(await engine.AnswerAsync(question));
        var load = new SoakLoad(engine.Http);
        await load.RunAsync(seed: 1, i => i < 40); // connections are made, buffers have their size
        int handles = ProcessFigures.Of(engine.Process.Id).Handles;

        await load.RunAsync(seed: 2, i => i < 200 * Scale.Factor);

        Assert.Equal(before, TestEngine.TextOf(await engine.AnswerAsync(question)));
        await Eventually.TrueAsync(async () => await MetricAsync("llamacpp:requests_processing") + await MetricAsync("llamacpp:requests_deferred") == 0);
        Assert.InRange(await MetricAsync("llamacpp:kv_cache_tokens"), 1, TestEngine.Context); // what is kept, and no more
        await Eventually.TrueAsync(() => ProcessFigures.Of(engine.Process.Id).Handles <= handles + SoakLoad.AtATime);
    }

    private async Task<double> MetricAsync(string name)
    {
        string line = (await engine.Http.GetStringAsync("/metrics")).Split('\n').First(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[name.Length..], CultureInfo.InvariantCulture);
    }
}
