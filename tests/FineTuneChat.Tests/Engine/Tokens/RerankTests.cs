using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Tokens;

/// <summary>Models that are not made to write, each in a real engine process: what they do, and what they refuse.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class RerankTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private async Task<(ProgramProcess Process, HttpClient Http)> StartAsync(int pooling)
    {
        string model = RandomEncoder.Write(_folder["encoder.gguf"], pooling);
        ProgramProcess process = ProgramProcess.Start("engine", "--model", model, "--socket", _folder["s"], "--threads", "1", "--supervised");
        await process.LineAsync("serving encoder");
        return (process, TestEngine.Client(_folder["s"]));
    }

    private static async Task<(int Status, JsonNode Body)> PostAsync(HttpClient http, string path, object body)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync(path, body);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static async Task RefusedAsync(HttpClient http, string path, object body, string route)
    {
        (int status, JsonNode answer) = await PostAsync(http, path, body);
        Assert.Equal((400, "model", "model_not_supported"),
            (status, (string?)answer["error"]!["param"], (string?)answer["error"]!["code"]));
        Assert.Contains(route, (string)answer["error"]!["message"]!, StringComparison.Ordinal);
    }

    private static readonly object Chat = new { messages = new[] { new { role = "user", content = "Hi" } } };

    [Fact]
    public async Task A_reranker_scores_each_document_with_the_query_and_refuses_all_else_by_naming_its_route()
    {
        (ProgramProcess process, HttpClient http) = await StartAsync(RandomEncoder.Score);
        await using (process)
        using (http)
        {
            string[] documents = ["a first document", "another", "a third one, which is longer than the others", "another"];
            (int status, JsonNode ranked) = await PostAsync(http, "/v1/rerank", new { query = "a query", documents });
            JsonNode[] results = [.. ranked["results"]!.AsArray().Select(r => r!)];
            double[] scores = [.. results.Select(r => (double)r["relevance_score"]!)];

            Assert.True(status == 200, ranked.ToJsonString());
            Assert.Equal([0, 1, 2, 3], results.Select(r => (int)r["index"]!).Order());
            Assert.Equal(scores.OrderDescending(), scores);
            Assert.Equal(3, scores.Distinct().Count()); // equal documents, equal scores
            Assert.Equal(documents.Sum(d => d.Length + "a query".Length + 3), (int)ranked["usage"]!["total_tokens"]!); // with begin and two ends

            (_, JsonNode other) = await PostAsync(http, "/v1/rerank", new { query = "something else", documents, top_n = 2 });
            Assert.Equal(2, other["results"]!.AsArray().Count);
            Assert.NotEqual(scores[0], (double)other["results"]![0]!["relevance_score"]!);
            Assert.Equal("rerank", (string?)JsonNode.Parse(await http.GetStringAsync("/v1/models"))!["data"]![0]!["type"]);

            await RefusedAsync(http, "/v1/chat/completions", Chat, "POST /v1/rerank");
            await RefusedAsync(http, "/v1/completions", new { prompt = "a" }, "POST /v1/rerank");
            await RefusedAsync(http, "/v1/embeddings", new { input = "a" }, "POST /v1/rerank");
            Assert.Equal(400, (await PostAsync(http, "/v1/rerank", new { query = "a", documents = Array.Empty<string>() })).Status);
            (status, JsonNode tooLong) = await PostAsync(http, "/v1/rerank", new { query = "a", documents = new[] { "b", new string('c', 400) } });
            Assert.Equal((400, "documents[1]"), (status, (string?)tooLong["error"]!["param"]));
        }
    }

    [Fact]
    public async Task An_embedding_model_makes_vectors_ranks_by_them_and_refuses_to_chat()
    {
        (ProgramProcess process, HttpClient http) = await StartAsync(RandomEncoder.Mean);
        await using (process)
        using (http)
        {
            (int status, JsonNode list) = await PostAsync(http, "/v1/embeddings", new { input = new[] { "a text", "another one", "a text" } });
            float[][] vectors = [.. list["data"]!.AsArray().Select(d => d!["embedding"].Deserialize<float[]>()!)];
            (_, JsonNode ranked) = await PostAsync(http, "/v1/rerank", new { query = "a text", documents = new[] { "another one", "a text" } });

            Assert.True(status == 200, list.ToJsonString());
            Assert.All(vectors, v => Assert.Equal((RandomEncoder.Width, 1.0), (v.Length, Math.Round(v.Sum(x => (double)x * x), 4))));
            Assert.Equal(vectors[0], vectors[2]);
            Assert.NotEqual(vectors[0], vectors[1]);
            Assert.Equal(1, (int)ranked["results"]![0]!["index"]!);
            Assert.Equal(1, (double)ranked["results"]![0]!["relevance_score"]!, 1e-4);
            Assert.Equal("embeddings", (string?)JsonNode.Parse(await http.GetStringAsync("/v1/models"))!["data"]![0]!["type"]);
            await RefusedAsync(http, "/v1/chat/completions", Chat, "POST /v1/embeddings");
            Assert.Equal(200, (int)(await http.GetAsync("/health")).StatusCode);
            Assert.Equal(200, (int)(await http.GetAsync("/metrics")).StatusCode);
            Assert.Equal(200, (int)(await http.GetAsync("/props")).StatusCode);
        }
    }
}
