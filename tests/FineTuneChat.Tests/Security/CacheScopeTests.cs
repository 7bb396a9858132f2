using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Tests.Gateway.Fuzz;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Security;

[Trait(Tier.Name, Tier.Slow)]
public sealed class CacheScopeTests
{
    /// <summary>The number of cached tokens says how a prompt begins that was asked before.</summary>
    [Fact]
    public async Task A_key_does_not_learn_what_another_has_asked()
    {
        using var folder = new TemporaryFolder();
        await using (TestGateway first = await TestGateway.StartWithoutEngineAsync(folder))
            await first.Get<ApiKeyStore>().CreateAsync("owner", ["admin"]);
        await using TestGateway gateway = await TestGateway.StartReadyAsync(folder, ("Security:RequireKey", "true"));
        string[] keys = [await KeyAsync("alice"), await KeyAsync("bob")];

        int[] cached = [await CachedAsync(keys[0]), await CachedAsync(keys[1]), await CachedAsync(keys[0])];

        Assert.Equal((0, 0, true), (cached[0], cached[1], cached[2] > 20));

        async Task<string> KeyAsync(string name) => (await gateway.Get<ApiKeyStore>().CreateAsync(name, ["chat"])).Key!;

        async Task<int> CachedAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent(
                    $$"""{"model":"assistant","messages":[{"role":"user","content":"{{new string('s', 20)}}"}],"max_tokens":2}""",
                    Encoding.UTF8, "application/json"),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
            };
            using HttpResponseMessage response = await gateway.Client.SendAsync(request);
            JsonNode reply = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            return (int)reply["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
        }
    }

    [Fact]
    public async Task A_chunk_of_an_impossible_size_is_a_bad_request()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        using var connection = new RawConnection(gateway.Client.BaseAddress!);
        byte[] request = Encoding.ASCII.GetBytes(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}");

        RawAnswer? answer = await connection.SendAsync(request, endsThere: false);

        Assert.Equal(400, answer!.Status);
    }
}
