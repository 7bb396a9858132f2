using System.Text.Json.Nodes;
using FineTuneChat.Protocol;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

/// <summary>No room on the disk, or in the database: said plainly, before anything is lost.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class StorageRoomTests
{
    [Fact]
    public async Task A_full_database_takes_nothing_more_keeps_what_it_has_and_lets_it_be_deleted()
    {
        using var folder = new TemporaryFolder();
        var acknowledged = new List<string>();
        await using (TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Storage:MaxDatabaseGigabytes", "0.001")))
        {
            int status;
            JsonNode body;
            while (((status, body) = await gateway.PostAsync(
                "/api/presets", new { name = $"p{acknowledged.Count}", system = new string('x', 50_000) })) is (200 or 201, _))
                acknowledged.Add((string)body["name"]!);
            Assert.Equal(507, status);
            TestGateway.AssertOpenAiError(body, "storage_full");
            Assert.Contains("Storage:MaxDatabaseGigabytes", (string)body["error"]!["message"]!);
            Assert.Equal(507, (await gateway.ChatAsync("Hi")).Status); // it would be logged
            Assert.Equal(507, (await gateway.PostAsync("/api/training/start", new { })).Status);
            Assert.Single(
                (await gateway.GetJsonAsync("/api/log"))["data"]!.AsArray(),
                line => (string?)line!["level"] == "error"
                    && ((string)line["message"]!).StartsWith("Nothing more is stored", StringComparison.Ordinal));

            JsonArray kept = (await gateway.GetJsonAsync("/api/presets"))["data"]!.AsArray();
            Assert.Equal(acknowledged.Order(), kept.Select(p => (string)p!["name"]!).Order());
            Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Delete, $"/api/presets/{kept[0]!["id"]}")).Status);
        }

        // With a higher limit it goes on, with everything that was acknowledged.
        await using TestGateway again = await TestGateway.StartWithoutEngineAsync(folder);
        Assert.Equal(acknowledged.Count - 1, (await again.GetJsonAsync("/api/presets"))["data"]!.AsArray().Count);
        Assert.InRange((await again.PostAsync("/api/presets", new { name = "one more" })).Status, 200, 201);
    }

    [Fact]
    public async Task With_too_little_of_the_disk_free_only_chats_that_are_not_kept_go_on()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder: null, ("Storage:MinFreeGigabytes", "1000000"));
        (int status, JsonNode refused) = await gateway.ChatAsync("Hi");
        Assert.Equal(507, status);
        TestGateway.AssertOpenAiError(refused, "storage_full");
        Assert.Contains("Storage:MinFreeGigabytes", (string)refused["error"]!["message"]!);
        (status, _) = await gateway.PostAsync(
            "/v1/chat/completions",
            new { model = AssistantNames.Default, store = false, max_tokens = 4, messages = new[] { new { role = "user", content = "Hi" } } });
        Assert.Equal(200, status);
    }
}
