using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Dialects;

/// <summary>Keys hold for every dialect, and refusals speak it.</summary>
public sealed class DialectKeyTests
{
    [Fact]
    public async Task A_missing_wrong_or_too_small_key_is_refused_in_the_words_of_the_dialect()
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway open = await TestGateway.StartWithoutEngineAsync(folder))
            await open.Get<ApiKeyStore>().CreateAsync("owner", ["admin"]);
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Security:RequireKey", "true"));
        string rater = (await gateway.Get<ApiKeyStore>().CreateAsync("rater", ["rate"])).Key!;

        (int none, JsonNode anthropic) = await SendAsync(gateway, "/v1/messages", key: null);
        (int small, JsonNode permission) = await SendAsync(gateway, "/v1/messages", rater);
        (int ollamaNone, JsonNode ollama) = await SendAsync(gateway, "/api/chat", "wrong");
        (int openAiNone, JsonNode openAi) = await SendAsync(gateway, "/v1/responses", key: null);

        Assert.Equal((401, "error", "authentication_error"), (none, (string?)anthropic["type"], (string?)anthropic["error"]!["type"]));
        Assert.Equal((403, "permission_error"), (small, (string?)permission["error"]!["type"]));
        Assert.Equal(401, ollamaNone);
        Assert.Contains("key", (string?)ollama["error"], StringComparison.Ordinal);
        Assert.Equal((401, "invalid_api_key"), (openAiNone, (string?)openAi["error"]!["code"]));
    }

    /// <summary>As Anthropic's clients send a key.</summary>
    private static async Task<(int Status, JsonNode Body)> SendAsync(TestGateway gateway, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("x-api-key", key);
        using HttpResponseMessage response = await gateway.Client.SendAsync(request);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
