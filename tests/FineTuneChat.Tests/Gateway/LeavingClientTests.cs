using System.Net;
using System.Net.Http.Json;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace FineTuneChat.Tests.Gateway;

/// <summary>A client that leaves is nobody's fault: no error, no warning in the log.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class LeavingClientTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaving_while_the_engine_starts_logs_nothing(bool isStreamed)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using var lines = new LogRecorder();
        gateway.Get<ILoggerFactory>().AddProvider(lines);
        using var leave = new CancellationTokenSource();
        Task asking = gateway.Client.PostAsJsonAsync(
            "/v1/chat/completions",
            new { model = "assistant", messages = new[] { new { role = "user", content = "Hi" } }, stream = isStreamed, ignore_eos = true },
            leave.Token);
        await Eventually.TrueAsync(() => gateway.Get<ChatActivity>().IdleSince is null);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Eventually.TrueAsync(() => gateway.Get<ChatActivity>().IdleSince is not null);
        Assert.Empty(lines.Lines);
    }

    [Fact]
    public async Task An_error_that_is_found_when_its_client_has_left_is_written_to_nobody_and_is_no_failure()
    {
        using var lines = new LogRecorder();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(lines);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using WebApplication app = builder.Build();
        app.UseOpenAiErrors();
        var entered = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        app.Use(async (http, next) =>
        {
            http.Response.OnCompleted(() =>
            {
                ended.SetResult();
                return Task.CompletedTask;
            });
            await next(http);
        });
        app.Run(async http =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            throw OpenAiException.Unavailable("The engine does not start.", TimeSpan.FromSeconds(1));
        });
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var leave = new CancellationTokenSource();
        Task asking = client.GetAsync("/", leave.Token);
        await entered.Task;
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await app.StopAsync(); // whatever is logged is logged by now
        Assert.Empty(lines.Lines);
    }
}
