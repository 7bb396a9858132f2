using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Monitoring;
using FineTuneChat.Tests.Support;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Tests.Monitoring;

public sealed class LiveLogTests
{
    [Fact]
    public async Task The_programs_own_lines_are_told_each_once()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        var factory = gateway.Get<ILoggerFactory>();
        ILogger own = factory.CreateLogger("FineTuneChat.Gateway.Sample"), foreign = factory.CreateLogger("Microsoft.AspNetCore.Sample");
#pragma warning disable CA1848, CA1873 // a test's lines
        own.LogDebug("fine-grained");
        own.LogError(new InvalidOperationException("what a user wrote"), "it failed");
        foreign.LogError("a search for secrets");
#pragma warning restore CA1848, CA1873

        JsonNode page = await gateway.GetJsonAsync("/api/log");
        JsonNode[] lines = [.. page["data"]!.AsArray().Where(l => (string?)l!["source"] == "Sample")!];
        Assert.Equal(
            [("debug", "fine-grained"), ("error", "it failed (InvalidOperationException)")],
            lines.Select(l => ((string)l["level"]!, (string)l["message"]!)));
        Assert.Empty((await gateway.GetJsonAsync($"/api/log?after={page["last_id"]}"))["data"]!.AsArray());
    }

    [Fact]
    public void Only_the_last_lines_are_kept()
    {
        using var log = new LiveLog(TimeProvider.System);
        ILogger logger = log.CreateLogger("FineTuneChat.Sample");
        for (int i = 0; i < 600; i++)
            logger.Log(LogLevel.Information, default, i, null, (n, _) => $"{n}");
        Assert.Equal(500, log.After(0).Count);
        Assert.Equal("599", log.After(599).Single().Message);
    }
}
