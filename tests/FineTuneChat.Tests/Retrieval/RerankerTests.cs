using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retrieval;

/// <summary><c>Documents:Reranker</c>, with a random one in a real engine: passages come in its order, and in their own where it cannot be asked.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class RerankerTests : IDisposable
{
    private static readonly string[] Texts = ["The boiler is loud.", "A boiler that is new.", "Who repairs a boiler?", "Boiler, boiler."];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Passages_come_in_the_order_of_the_reranker()
    {
        RandomEncoder.Write(_folder["ranker.gguf"], RandomEncoder.Score);
        await using TestGateway gateway = await TestGateway.StartReadyAsync(_folder, ("Documents:Reranker", "ranker"));
        string[] found = await FoundAsync(gateway);
        (int status, JsonNode ranked) = await gateway.PostAsync("/v1/rerank", new { model = "ranker", query = "boiler", documents = Texts });
        Assert.True(status == 200, ranked.ToJsonString());
        Assert.Equal(ranked["results"]!.AsArray().Select(result => Texts[(int)result!["index"]!]), found);
    }

    [Fact]
    public async Task Without_it_the_order_stays()
    {
        var orders = new List<string[]>();
        foreach (string reranker in (string[])["", "none"])
        {
            using var folder = new TemporaryFolder();
            await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Documents:Reranker", reranker));
            await gateway.Get<DocumentIngestion>().StartAsync(default);
            orders.Add(await FoundAsync(gateway));
            await gateway.Get<DocumentIngestion>().StopAsync(default);
        }
        Assert.Equal(Texts.Length, orders[0].Length);
        Assert.Equal(orders[0], orders[1]);
    }

    private static async Task<string[]> FoundAsync(TestGateway gateway)
    {
        string store = await gateway.CollectAsync([.. Texts.Select((text, i) => ($"{i}.txt", text))]);
        return [.. (await gateway.SearchAsync(store, new { query = "boiler" })).Select(found => (string)found!["content"]![0]!["text"]!)];
    }
}
