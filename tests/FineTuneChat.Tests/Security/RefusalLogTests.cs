using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FineTuneChat.Tests.Security;

/// <summary>Who knocks with a wrong key stands in the log, however often, and fills it never.</summary>
public sealed partial class RefusalLogTests
{
    [Fact]
    public async Task Refused_keys_and_hosts_are_logged_without_what_is_secret()
    {
        using var folder = new TemporaryFolder();
        ApiKey admin, revoked;
        await using (TestGateway first = await TestGateway.StartWithoutEngineAsync(folder))
        {
            admin = await first.Get<ApiKeyStore>().CreateAsync("owner", ["admin"]);
            revoked = await first.Get<ApiKeyStore>().CreateAsync("gone", ["admin"]);
            await first.Get<ApiKeyStore>().RevokeAsync(revoked.Id);
        }
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Security:RequireKey", "true"));
        Assert.Equal(401, await StatusAsync(gateway, "/api/conversations/anas", ("x-api-key", revoked.Key!)));
        Assert.Equal(401, await StatusAsync(gateway, "/api/conversations", ("x-api-key", "sk-of-another-server")));

        gateway.Client.DefaultRequestHeaders.Add("x-api-key", admin.Key);
        string log = (await gateway.GetJsonAsync("/api/log")).ToJsonString();
        Assert.Contains("127.0.0.1", log, StringComparison.Ordinal);
        Assert.Contains(
            "GET /api/conversations/{id}",
            JsonNode.Parse(log)!["data"]!.AsArray().Select(l => (string)l!["message"]!).Single(l => l.StartsWith("Refused", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Contains(revoked.Id, log, StringComparison.Ordinal);
        Assert.DoesNotContain(revoked.Key!.Split('-', 3)[2], log, StringComparison.Ordinal);
        Assert.DoesNotContain("anas", log, StringComparison.Ordinal); // nor what a client writes
    }

    [Fact]
    public void Of_a_flood_the_first_is_told_and_the_rest_is_a_number_a_minute()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        using var lines = new LogRecorder();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(lines));
        using var log = new RefusalLog(time, factory.CreateLogger<RefusalLog>());
        for (int i = 0; i < 1000; i++)
            log.Add(From("192.0.2.1"), "no API key");
        Assert.Single(lines.Lines);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("999 more requests from 192.0.2.1", lines.Lines.Last(), StringComparison.Ordinal);
        log.Add(From("192.0.2.1"), "no API key");
        Assert.Equal(2, lines.Lines.Count); // it goes on: the next number tells
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(3, lines.Lines.Count);
        log.Add(From("192.0.2.1"), "no API key"); // after a quiet minute it is a first one again
        Assert.Equal(4, lines.Lines.Count);
    }

    [Fact]
    public void A_flood_from_many_addresses_fills_neither_log_nor_memory_and_each_request_is_counted()
    {
        const int Addresses = 100_000;
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        using var lines = new LogRecorder();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(lines));
        using var log = new RefusalLog(time, factory.CreateLogger<RefusalLog>());
        for (int i = 0; i < Addresses; i++)
            log.Add(From(new IPAddress(i).ToString()), "no API key");
        int single = lines.Lines.Count;
        Assert.InRange(single, 1, 100);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Addresses - single, lines.Lines.Skip(single).Sum(line => int.Parse(Count().Match(line).Groups[1].Value)));
        Assert.InRange(lines.Lines.Count, single, 200);
    }

    private static DefaultHttpContext From(string address) =>
        new() { Request = { Method = "GET" }, Connection = { RemoteIpAddress = IPAddress.Parse(address) } };

    private static async Task<int> StatusAsync(TestGateway gateway, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
            request.Headers.Add(name, value);
        using HttpResponseMessage response = await gateway.Client.SendAsync(request);
        return (int)response.StatusCode;
    }

    [GeneratedRegex("Refused ([0-9]+) more")]
    private static partial Regex Count();
}
