using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Dialects;

/// <summary>One running gateway with an engine for all tests of dialects.</summary>
public sealed class DialectGateway : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal TestGateway Gateway { get; private set; } = null!;

    internal HttpClient Client => Gateway.Client;

    public async Task InitializeAsync()
    {
        RandomModel.Write(_folder["random.gguf"], TestGateway.LongContext);
        Gateway = await TestGateway.StartReadyAsync(_folder);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A request and the text of the answer.</summary>
    internal async Task<(int Status, string Text)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    internal async Task<(int Status, JsonNode Body)> PostAsync(string path, object body)
    {
        (int status, string text) = await SendAsync(HttpMethod.Post, path, body);
        return (status, JsonNode.Parse(text)!);
    }

    /// <summary>The events of a stream: name and data.</summary>
    internal async Task<(string Name, JsonNode Data)[]> EventsAsync(string path, object body)
    {
        (int status, string text) = await SendAsync(HttpMethod.Post, path, body);
        Assert.True(status == 200, text);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => !e.StartsWith(':')).Select(e => e.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], JsonNode.Parse(lines[1]["data: ".Length..])!))];
    }

    /// <summary>Rates a reply by the id that a dialect's client saw.</summary>
    internal async Task<JsonNode> RateAsync(string? id)
    {
        (int status, JsonNode body) = await PostAsync("/api/feedback", new { completion_id = id, rating = "up" });
        Assert.True(status == 200, body.ToJsonString());
        return body;
    }
}

[CollectionDefinition(Name)]
public sealed class DialectTests : ICollectionFixture<DialectGateway>
{
    public const string Name = "dialects";
}
