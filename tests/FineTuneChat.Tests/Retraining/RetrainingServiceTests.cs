using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace FineTuneChat.Tests.Retraining;

/// <summary>The policy over the database, on a clock that the test moves.</summary>
public sealed class RetrainingServiceTests
{
    [Fact]
    public async Task A_run_starts_when_enough_waits_and_the_server_has_been_idle_long_enough()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(
            time, ("Retraining:Automatic", "true"), ("Retraining:MinNewExamples", "2"), ("Retraining:IdleMinutes", "30"));
        RetrainingService service = gateway.Get<RetrainingService>();
        await service.StartAsync(CancellationToken.None);
        await RateAsync(gateway, 1);
        Assert.Contains("1 new example is ready; training starts by itself at 2", await ReasonAsync(gateway));
        await RateAsync(gateway, 2);
        Assert.Contains("nobody has chatted for 30 minutes", await ReasonAsync(gateway));
        Assert.Equal(0, await RunsAsync(gateway));

        await Eventually.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return await RunsAsync(gateway) == 1;
        });
        Assert.True(time.GetUtcNow() >= new DateTimeOffset(2026, 5, 1, 12, 30, 0, TimeSpan.Zero));
        Assert.Contains("under way", await ReasonAsync(gateway));
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await RunsAsync(gateway)); // one at a time
        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task After_a_refused_run_it_waits_for_new_data_however_long_that_takes()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(
            time, ("Retraining:Automatic", "true"), ("Retraining:MinNewExamples", "2"), ("Retraining:IdleMinutes", "5"));
        await RateAsync(gateway, 1);
        await RateAsync(gateway, 2);
        time.Advance(TimeSpan.FromMinutes(1));
        RunStore runs = gateway.Get<RunStore>();
        Run run = await runs.CreateAsync(new());
        await runs.SaveAsync(run with { Status = RunStatus.Refused, FinishedAt = time.GetUtcNow().ToUnixTimeSeconds() }, []);

        time.Advance(TimeSpan.FromDays(3));
        Assert.Contains("2 new examples are ready, but the last run was refused; training starts by itself after 2 more", await ReasonAsync(gateway));
        await gateway.Get<RetrainingService>().ConsiderAsync();
        Assert.Equal(1, await RunsAsync(gateway));
        await RateAsync(gateway, 3);
        await RateAsync(gateway, 4);
        Assert.Equal(2, await RunsAsync(gateway)); // the rating itself starts it: it has been quiet long enough
    }

    private static async Task RateAsync(TestGateway gateway, int i)
    {
        string id = await gateway.LogAsync($"Question {i}?", "No.");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "Yes." });
    }

    private static async Task<string> ReasonAsync(TestGateway gateway) => (string)(await gateway.GetJsonAsync("/api/training"))["policy"]!["reason"]!;

    private static async Task<int> RunsAsync(TestGateway gateway) => (await gateway.GetJsonAsync("/api/training/runs"))["data"]!.AsArray().Count;
}
