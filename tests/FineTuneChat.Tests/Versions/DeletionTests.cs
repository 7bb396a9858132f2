using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Versions;

/// <summary>Versions that somebody deletes, with real engines.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DeletionTests
{
    [Fact]
    public async Task A_deleted_version_loses_its_files_answers_no_more_and_stays_known()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        foreach (int number in (int[])[1, 2])
            await RollbackTests.AddAsync(gateway, folder, number, File.ReadAllBytes(folder["random.gguf"]));
        Assert.Equal("assistant@1", (string?)(await gateway.ChatAsync("Hi", "assistant@1")).Body["model"]); // its engine runs

        (int status, JsonNode removed) = await gateway.SendAsync(HttpMethod.Delete, "/api/versions/1");
        Assert.Equal((200, true), (status, removed["removed_at"] is not null));
        Assert.Equal(["2"], Directory.EnumerateDirectories(folder["data/versions"]).Select(Path.GetFileName));
        Assert.Equal(404, (await gateway.ChatAsync("Hi", "assistant@1")).Status);
        Assert.Equal([2, 0], (await gateway.GetJsonAsync("/api/versions"))["data"]!.AsArray().Select(v => (int)v!["number"]!));
        Assert.Equal((string?)removed["created_at"]?.ToString(), (await gateway.GetJsonAsync("/api/versions/1"))["created_at"]!.ToString());
        Assert.Equal(409, (await gateway.PostAsync("/api/versions/1/activate", "{}")).Status);
        Assert.Equal(3, gateway.Versions.NextNumber());

        (status, JsonNode again) = await gateway.SendAsync(HttpMethod.Delete, "/api/versions/1");
        Assert.Equal((200, (long)removed["removed_at"]!), (status, (long)again["removed_at"]!));
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Delete, "/api/versions/9")).Status);
    }

    [Fact]
    public async Task The_base_the_one_in_service_and_the_way_back_stay_until_the_base_serves()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        foreach (int number in (int[])[1, 2])
        {
            await RollbackTests.AddAsync(gateway, folder, number, File.ReadAllBytes(folder["random.gguf"]));
            Assert.Equal(200, (await gateway.PostAsync($"/api/versions/{number}/activate", "{}")).Status);
        }
        Assert.Equal(["in_service", "way_back", "base"], (await gateway.GetJsonAsync("/api/versions"))["data"]!.AsArray().Select(v => (string?)v!["kept"]));
        await AssertStaysAsync(0, "Version 0 is the base model itself.");
        await AssertStaysAsync(1, "Version 1 served before the one in service and is the way back");
        await AssertStaysAsync(2, "Version 2 is in service.");

        Assert.Equal(200, (await gateway.PostAsync("/api/versions/0/activate", "{}")).Status); // it gives way to nothing that could be forgotten
        Assert.Equal([null, null, "base"], (await gateway.GetJsonAsync("/api/versions"))["data"]!.AsArray().Select(v => (string?)v!["kept"]));
        foreach (int number in (int[])[2, 1])
            Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Delete, $"/api/versions/{number}")).Status);
        Assert.Empty(Directory.EnumerateDirectories(folder["data/versions"]));
        Assert.Null(gateway.Versions.RollbackTarget());

        async Task AssertStaysAsync(int number, string reason)
        {
            (int status, JsonNode error) = await gateway.SendAsync(HttpMethod.Delete, $"/api/versions/{number}");
            Assert.Equal(409, status);
            TestGateway.AssertOpenAiError(error, "version_in_use");
            Assert.StartsWith(reason, (string?)error["error"]!["message"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_version_that_is_being_put_in_service_is_not_deleted_meanwhile()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder);
        await RollbackTests.AddAsync(gateway, folder, 1, File.ReadAllBytes(folder["random.gguf"]));
        Task<(int Status, JsonNode Body)> activating = gateway.PostAsync("/api/versions/1/activate", "{}"),
            deleting = gateway.SendAsync(HttpMethod.Delete, "/api/versions/1");
        int activated = (await activating).Status, deleted = (await deleting).Status;
        Assert.Contains((activated, deleted), new[] { (200, 409), (500, 200), (409, 200) }); // whichever came first
        Assert.Equal(deleted == 200 ? "assistant@0" : "assistant@1", (string?)(await gateway.ChatAsync("Hi")).Body["model"]);
    }
}
