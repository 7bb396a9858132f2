using System.Text.Json;
using FineTuneChat.Gateway.Tools;
using FineTuneChat.Gateway.Tools.Servers;
using FineTuneChat.TestSupport;
using FineTuneChat.ToolServer;
using Microsoft.Extensions.Time.Testing;

namespace FineTuneChat.Tests.Tools;

/// <summary>Servers that do not answer, on a clock of the test's own.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class HangingServerTests
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_and_left_in_peace_for_a_while()
    {
        await using var server = new McpServer(ToolPrograms.Settings(Behaviour.Silent), new ToolSettings(), _time);
        Task<ToolList> listing = server.ListAsync(CancellationToken.None);
        await TimeOutAsync(listing);
        await Assert.ThrowsAsync<ToolServerTimeoutException>(() => listing);
        ToolServerException again = await Assert.ThrowsAsync<ToolServerException>(() => server.ListAsync(CancellationToken.None)); // at once
        Assert.Contains("60 s", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_hangs_ends_in_time_and_the_server_goes_on()
    {
        await using var server = new McpServer(ToolPrograms.Settings(Behaviour.Good), new ToolSettings(), _time);
        await server.ListAsync(CancellationToken.None);
        Task<ToolOutput> hanging = server.CallAsync("hang", Nothing, CancellationToken.None);
        await TimeOutAsync(hanging);
        await Assert.ThrowsAsync<ToolServerTimeoutException>(() => hanging);
        Assert.Equal("again", (await server.CallAsync("echo", JsonElement.Parse("""{"text":"again"}"""), CancellationToken.None)).Text);
    }

    [Fact]
    public async Task Whoever_asks_may_leave()
    {
        await using var server = new McpServer(ToolPrograms.Settings(Behaviour.Good), new ToolSettings(), _time);
        await server.ListAsync(CancellationToken.None);
        using var leaving = new CancellationTokenSource();
        Task<ToolOutput> hanging = server.CallAsync("hang", Nothing, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }

    /// <summary>Moves the clock until the work has ended.</summary>
    private Task TimeOutAsync(Task work) => Eventually.TrueAsync(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return Task.FromResult(work.IsCompleted);
    });
}
