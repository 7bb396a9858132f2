using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Tools;

/// <summary>One gateway, without an engine, for all tests of servers of tools.</summary>
public sealed class ToolServerGateway : IAsyncLifetime
{
    private readonly HashSet<string> _added = [];

    internal TestGateway Gateway { get; private set; } = null!;

    public async Task InitializeAsync() => Gateway = await TestGateway.StartWithoutEngineAsync();

    public async Task DisposeAsync() => await Gateway.DisposeAsync();

    /// <summary>Adds the test server, once, and gives what it has.</summary>
    internal async Task<JsonNode> AddAsync(string name, string behaviour, object? env = null)
    {
        if (_added.Add(name))
        {
            (int status, JsonNode body) = await SendAsync(HttpMethod.Post, "/api/tools/servers", ToolPrograms.Request(name, behaviour, env));
            Assert.True(status == 200, body.ToJsonString());
        }
        return await ToolsOfAsync(name);
    }

    internal async Task<JsonNode> ToolsOfAsync(string name) =>
        (await Gateway.GetJsonAsync("/api/tools"))["data"]!.AsArray().First(server => (string?)server!["server"] == name)!;

    internal Task<(int Status, JsonNode Body)> SendAsync(HttpMethod method, string path, object? body) => Gateway.SendAsync(method, path, body);
}
