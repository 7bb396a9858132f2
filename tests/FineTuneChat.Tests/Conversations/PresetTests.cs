using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Conversations;

public sealed class PresetTests
{
    [Fact]
    public async Task A_preset_is_saved_replaced_by_its_name_and_removed()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.PostAsync("/api/presets", new { name = "Zurich", request = new { temperature = 0 } });
        (int status, JsonNode saved) = await gateway.PostAsync(
            "/api/presets", new { name = " Brief ", system = "One sentence.", request = new { model = "assistant@0", temperature = 0.2, top_k = 40 } });
        Assert.Equal((200, "Brief", "One sentence."), (status, (string?)saved["name"], (string?)saved["system"]));
        await gateway.PostAsync("/api/presets", new { name = "brief", system = "One word.", request = new { temperature = 1 } });

        JsonArray all = (await gateway.GetJsonAsync("/api/presets"))["data"]!.AsArray();
        Assert.Equal(["brief", "Zurich"], all.Select(p => (string?)p!["name"]));
        Assert.Equal(("One word.", """{"temperature":1}"""), ((string?)all[0]!["system"], all[0]!["request"]!.ToJsonString()));
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Delete, $"/api/presets/{all[0]!["id"]}")).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Delete, $"/api/presets/{all[0]!["id"]}")).Status);
        Assert.Single((await gateway.GetJsonAsync("/api/presets"))["data"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"system":"x"}""", "name")]
    [InlineData("""{"name":"x","request":{"temperature":3}}""", "temperature")]
    [InlineData("""{"name":"x","request":{"messages":[]}}""", "request")]
    [InlineData("""{"name":"x","request":{"tempreature":1}}""", "tempreature")]
    [InlineData("""{"name":"x","prompt":"y"}""", "prompt")]
    public async Task What_no_chat_could_use_is_refused(string body, string param)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (int status, JsonNode error) = await gateway.PostAsync("/api/presets", body);
        Assert.Equal((400, param), (status, (string?)error["error"]!["param"]));
    }
}
