using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Models;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport.Hub;

namespace FineTuneChat.Tests.Dialects;

/// <summary>Models that Ollama's clients fetch and delete.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class OllamaPullTests
{
    [Fact]
    public async Task A_model_is_pulled_with_its_progress_and_deleted()
    {
        await using HubServer hub = (await HubServer.StartAsync()).Add("owner/small", [("small-Q8_0.gguf", ModelFiles.Small)]);
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(settings: ("Models:HubUrl", hub.Address.ToString()));

        using HttpResponseMessage pull = await gateway.Client.PostAsync("/api/pull", Json("""{"model":"owner/small:Q8_0"}"""));
        string text = await pull.Content.ReadAsStringAsync();
        JsonNode[] lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        string name = (string)(await gateway.GetJsonAsync("/api/models"))["data"]!.AsArray().Single(m => (string)m!["name"]! != "random")!["name"]!;
        (int unknown, JsonNode error) = await gateway.PostAsync("/api/pull", """{"model":"owner/none"}""");
        (int deleted, _) = await gateway.SendAsync(HttpMethod.Delete, "/api/delete", new { model = name });
        (int gone, JsonNode missing) = await gateway.SendAsync(HttpMethod.Delete, "/api/delete", new { model = name });

        Assert.Equal(("pulling manifest", "success"), ((string?)lines[0]["status"], (string?)lines[^1]["status"]));
        Assert.Equal((ModelFiles.Small.Length, ModelFiles.Small.Length), ((int)lines[^2]["total"]!, (int)lines[^2]["completed"]!));
        Assert.Equal((422, 200, 404), (unknown, deleted, gone)); // a hub does not tell a missing repository from a closed one
        Assert.All((JsonNode[])[error, missing], e => Assert.False(string.IsNullOrWhiteSpace((string?)e["error"])));
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
