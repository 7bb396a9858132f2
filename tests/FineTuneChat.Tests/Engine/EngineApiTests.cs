using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Tests.Engine;

/// <summary>Routes that are not there.</summary>
public sealed class EngineApiTests(TestEngine engine) : IClassFixture<TestEngine>
{
    [Theory]
    [InlineData("GET", "/v1/completions", 405)]
    [InlineData("DELETE", "/props", 405)]
    [InlineData("GET", "/tokenize", 405)]
    [InlineData("POST", "/v1/embedding", 404)]
    [InlineData("POST", "/v1/embeddings", 415)]
    public async Task Unknown_paths_and_wrong_methods_answer_in_OpenAIs_shape(string method, string path, int status)
    {
        using HttpResponseMessage response = await engine.Http.SendAsync(new(new HttpMethod(method), path));

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.NotNull((await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!["message"]);
    }
}
