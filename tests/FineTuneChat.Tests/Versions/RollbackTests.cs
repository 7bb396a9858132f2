using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Versions;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Versions;

/// <summary>Versions that turn out bad, with real engines.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class RollbackTests
{
    [Fact]
    public async Task A_version_in_service_that_does_not_start_gives_way_to_the_one_before()
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway gateway = await TestGateway.StartReadyAsync(folder))
        {
            await AddAsync(gateway, folder, 1, File.ReadAllBytes(folder["random.gguf"]));
            await AddAsync(gateway, folder, 2, File.ReadAllBytes(folder["random.gguf"]));
            await gateway.PostAsync("/api/versions/1/activate", "{}");
            await gateway.PostAsync("/api/versions/2/activate", "{}");
        }
        byte[] broken = File.ReadAllBytes(folder["random.gguf"]);
        File.WriteAllBytes(folder["data/versions/2/model-Q8_0.gguf"], broken[..(broken.Length / 2)]); // the disk lost the rest

        await using TestGateway again = await TestGateway.StartReadyAsync(folder);
        Assert.Equal("assistant@1", (string?)(await again.ChatAsync("Hi")).Body["model"]);
        await Eventually.TrueAsync(async () => (await again.GetJsonAsync("/api/versions/2"))["problem"] is not null);
        Assert.True((bool)(await again.GetJsonAsync("/api/versions/1"))["active"]!);
    }

    [Fact]
    public async Task A_refused_version_is_never_the_way_back_even_if_a_person_had_put_it_in_service()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        await AddAsync(gateway, folder, 1, File.ReadAllBytes(folder["random.gguf"]));
        await AddAsync(gateway, folder, 2, File.ReadAllBytes(folder["random.gguf"]), VersionStatus.Refused);
        await AddAsync(gateway, folder, 3, File.ReadAllBytes(folder["random.gguf"]));
        Assert.Equal(200, (await gateway.PostAsync("/api/versions/2/activate", "{}")).Status);
        Assert.Equal("assistant@2", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
        Assert.Equal("refused", (string?)(await gateway.GetJsonAsync("/api/versions/2"))["status"]);
        Assert.Equal("refused", (string?)(await gateway.GetJsonAsync("/v1/models/assistant@2"))["status"]);
        Assert.False((await gateway.GetJsonAsync("/v1/models/assistant@3")).AsObject().ContainsKey("status"));
        await gateway.PostAsync("/api/versions/3/activate", "{}");
        Assert.Equal(1, gateway.Versions.RollbackTarget()?.Number);
        await gateway.PostAsync("/api/versions/1/activate", "{}");
        Assert.Equal(3, gateway.Versions.RollbackTarget()?.Number);
    }

    [Fact]
    public async Task A_version_whose_weights_are_no_numbers_fails_its_first_checks_and_never_serves()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        byte[] model = File.ReadAllBytes(folder["random.gguf"]);
        model.AsSpan(model.Length / 4).Fill(0xFF); // as floats: not a number
        await AddAsync(gateway, folder, 1, model);
        (int status, JsonNode error) = await gateway.PostAsync("/api/versions/1/activate", "{}");
        Assert.Equal(500, status);
        TestGateway.AssertOpenAiError(error, "engine_start_failed");
        Assert.Equal("assistant@0", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
    }

    [Fact]
    public async Task A_version_whose_file_has_changed_is_noticed_before_it_serves_and_when_the_server_starts()
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway gateway = await TestGateway.StartReadyAsync(folder))
        {
            byte[] model = File.ReadAllBytes(folder["random.gguf"]);
            foreach (int number in (int[])[1, 2])
                await AddAsync(gateway, folder, number, model, hash: Convert.ToHexStringLower(SHA256.HashData(model)));
            Assert.Equal(200, (await gateway.PostAsync("/api/versions/2/activate", "{}")).Status);
            model[model.Length / 2] ^= 1; // a single bit: the model still answers
            File.WriteAllBytes(folder["data/versions/1/model-Q8_0.gguf"], model);
            (int status, JsonNode error) = await gateway.PostAsync("/api/versions/1/activate", "{}");
            Assert.Equal(500, status);
            Assert.Contains("is not the file any more that was measured", (string?)error["error"]!["message"]);
            Assert.Contains("SHA-256", (string?)(await gateway.GetJsonAsync("/api/versions/1"))["problem"]);
            File.WriteAllBytes(folder["data/versions/2/model-Q8_0.gguf"], model);
        }

        await using TestGateway again = await TestGateway.StartReadyAsync(folder);
        Assert.Equal("assistant@0", (string?)(await again.ChatAsync("Hi")).Body["model"]); // not 1: there is a problem known
        Assert.NotNull((await again.GetJsonAsync("/api/versions/2"))["problem"]);
    }

    [Fact]
    public async Task A_version_that_is_rated_down_more_often_than_the_one_before_makes_way_for_it_until_somebody_puts_it_back()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        await AddAsync(gateway, folder, 1, File.ReadAllBytes(folder["random.gguf"]));
        for (int i = 0; i < 12; i++)
            await RateAsync("up");
        await gateway.PostAsync("/api/versions/1/activate", "{}");
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(1, gateway.Versions.Active().Number);
            await RateAsync("down");
        }

        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/versions/1"))["problem"] is not null);
        JsonNode version = await gateway.GetJsonAsync("/api/versions/1");
        Assert.Contains("7 of 7 rated replies were rated down; of version 0 0 of 12", (string?)version["problem"]);
        Assert.Equal("assistant@0", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);

        // A person wants it all the same: what was said before does not count against it.
        await gateway.PostAsync("/api/versions/1/activate", "{}");
        for (int i = 0; i < 3; i++)
            await RateAsync("down");
        Assert.Equal(1, gateway.Versions.Active().Number);

        async Task RateAsync(string rating)
        {
            (_, JsonNode reply) = await gateway.ChatAsync("Hi");
            await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating });
        }
    }

    /// <summary>The first checks pass, the first requests do not. What a failed assertion in native code does is done here by a signal.</summary>
    [UnixFact("signals")]
    public async Task A_version_that_breaks_down_by_itself_soon_after_each_start_gives_way_and_one_that_is_killed_does_not()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        await AddAsync(gateway, folder, 1, File.ReadAllBytes(folder["random.gguf"]));
        await gateway.PostAsync("/api/versions/1/activate", "{}");
        int last = 0;
        await SignalAsync("KILL"); // does not count
        for (int i = 0; i < 3; i++)
            await SignalAsync("TERM");
        await Eventually.TrueAsync(async () => (string?)(await gateway.ChatAsync("Hi")).Body["model"] == "assistant@0");
        await Eventually.TrueAsync(async () =>
            ((string?)(await gateway.GetJsonAsync("/api/versions/1"))["problem"])?.Contains("ended by itself", StringComparison.Ordinal) == true);

        async Task SignalAsync(string signal)
        {
            await Eventually.TrueAsync(async () =>
            {
                using EngineLease lease = gateway.Get<EngineRouter>().Acquire(Caller.Local, "assistant@1");
                int id = (await lease.ProcessAsync(CancellationToken.None)).ProcessId!.Value;
                (bool isNew, last) = (id != last, id);
                return isNew;
            });
            Assert.Equal(1, gateway.Versions.Active().Number); // it was started again
            using Process kill = Process.Start("kill", [$"-{signal}", $"{last}"]);
            await kill.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Older_versions_go_when_there_are_too_many_and_their_numbers_are_not_used_again()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder, ("Storage:MaxVersions", "2"));
        for (int number = 1; number <= 4; number++)
            await AddAsync(gateway, folder, number, File.ReadAllBytes(folder["random.gguf"]));
        await gateway.PostAsync("/api/versions/1/activate", "{}");
        await gateway.PostAsync("/api/versions/3/activate", "{}");
        await gateway.Versions.TidyAsync();

        Assert.Equal(["1", "3"], Directory.EnumerateDirectories(folder["data/versions"]).Select(Path.GetFileName).Order());
        Assert.Equal([3, 1, 0], (await gateway.GetJsonAsync("/api/versions"))["data"]!.AsArray().Select(v => (int)v!["number"]!));
        Assert.NotNull((await gateway.GetJsonAsync("/api/versions/4"))["removed_at"]);
        Assert.Equal(5, gateway.Versions.NextNumber());
        Assert.Equal(409, (await gateway.PostAsync("/api/versions/4/activate", "{}")).Status);
        Assert.Equal(409, (await gateway.SendAsync(HttpMethod.Delete, "/api/versions/3")).Status);
        Assert.Equal(409, (await gateway.SendAsync(HttpMethod.Delete, "/api/versions/0")).Status);
    }

    internal static async Task AddAsync(
        TestGateway gateway, TemporaryFolder folder, int number, byte[] model, string status = VersionStatus.Accepted, string? hash = null)
    {
        Directory.CreateDirectory(folder[$"data/versions/{number}"]);
        File.WriteAllBytes(folder[$"data/versions/{number}/model-Q8_0.gguf"], model);
        await gateway.Versions.AddAsync(RetentionTests.Make(number) with { Status = status, Sha256 = hash });
    }
}
