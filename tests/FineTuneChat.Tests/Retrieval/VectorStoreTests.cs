using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace FineTuneChat.Tests.Retrieval;

/// <summary><c>/v1/vector_stores</c>: documents come in, are found by words and by meaning, and go with all that was of them.</summary>
public sealed class VectorStoreTests : IAsyncLifetime
{
    private const string Boiler = "# Boiler\n\n## Warranty\n\nThe warranty of the boiler lasts seven years.\n\n## Noise\n\nIt makes 38 decibels.";
    private const string Café = "# Café Sol\n\nEl café abre a las nueve de la mañana. El precio del menú es de doce euros.";
    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartWithoutEngineAsync(services => services.AddSingleton<ITextEmbedder, WordEmbedder>());
        await _gateway.Get<DocumentIngestion>().StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _gateway.Get<DocumentIngestion>().StopAsync(default);
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task A_passage_is_found_with_its_place()
    {
        string store = await _gateway.CollectAsync(("boiler.md", Boiler), ("cafe.md", Café));
        JsonNode found = (await _gateway.SearchAsync(store, new { query = "How long is the warranty of the boiler?" }))[0]!;
        Assert.Equal(("boiler.md", "line"), ((string?)found["filename"], (string?)found["source"]!["place"]));
        Assert.Contains("seven years", (string?)found["content"]![0]!["text"]);

        JsonNode passage = await _gateway.GetJsonAsync($"/api/passages/{found["source"]!["id"]}");
        Assert.Contains("seven years", (string?)passage["text"]);
    }

    [Fact]
    public async Task Accents_case_and_syntax_of_the_index_do_not_matter()
    {
        string store = await _gateway.CollectAsync(("cafe.md", Café));
        foreach (string query in (string[])["A QUE HORA ABRE EL CAFE", "café AND (abre", "\"abre\" NEAR/2 NOT* -café^", "abre\0café"])
            Assert.Equal("cafe.md", (string?)(await _gateway.SearchAsync(store, new { query }))[0]!["filename"]);
    }

    [Fact]
    public async Task What_is_said_in_other_words_is_found_by_meaning()
    {
        string store = await _gateway.CollectAsync(("boiler.md", Boiler), ("cafe.md", Café));
        await VectorsAsync(store);
        JsonArray found = await _gateway.SearchAsync(store, new { query = "cost" });
        Assert.Equal("cafe.md", (string?)found[0]!["filename"]);
    }

    [Fact]
    public async Task What_no_document_says_is_below_the_threshold()
    {
        string store = await _gateway.CollectAsync(("boiler.md", Boiler), ("cafe.md", Café));
        Assert.Empty(await _gateway.SearchAsync(store, new
        {
            query = "Which submarine won the regatta of Helsinki?",
            ranking_options = new { score_threshold = 0.5 },
        }));
    }

    [Fact]
    public async Task A_search_can_be_bound_to_documents_with_attributes()
    {
        string store = await _gateway.CollectAsync(("boiler.md", Boiler));
        string file = await _gateway.UploadAsync("old.md", Boiler.Replace("seven", "two"));
        await _gateway.PostAsync($"/v1/vector_stores/{store}/files", new { file_id = file, attributes = new { year = 1999, lang = "en" } });
        await _gateway.ReadAllAsync(store);

        var old = new
        {
            type = "and",
            filters = new object[] { new { type = "lt", key = "year", value = 2000 }, new { type = "eq", key = "lang", value = "en" } },
        };
        JsonNode found = Assert.Single(await _gateway.SearchAsync(store, new { query = "warranty", filters = old }))!;
        Assert.Equal(("old.md", 1999), ((string?)found["filename"], (int?)found["attributes"]!["year"]));
        (int status, JsonNode error) = await _gateway.PostAsync($"/v1/vector_stores/{store}/search", new { query = "x", filters = new { type = "like" } });
        Assert.Equal(400, status);
        TestGateway.AssertOpenAiError(error, "invalid_value");
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_says_why_and_stops_no_other()
    {
        (_, JsonNode store) = await _gateway.PostAsync("/v1/vector_stores", new
        {
            name = "Mixed",
            file_ids = new[] { await _gateway.UploadAsync("bad.pdf", "%PDF-1.7 nothing"), await _gateway.UploadAsync("good.txt", "The good text.") },
        });
        string id = (string)store["id"]!;
        await _gateway.ReadAllAsync(id);

        JsonNode[] files = [.. (await _gateway.GetJsonAsync($"/v1/vector_stores/{id}/files"))["data"]!.AsArray().Select(f => f!)];
        Assert.Equal(["completed", "failed"], files.Select(f => (string?)f["status"]));
        Assert.StartsWith("bad.pdf: ", (string?)files[1]["last_error"]!["message"]);
        Assert.Single((await _gateway.GetJsonAsync($"/v1/vector_stores/{id}/files?filter=failed"))["data"]!.AsArray());
        JsonNode content = await _gateway.GetJsonAsync($"/v1/vector_stores/{id}/files/{files[0]["id"]}/content");
        Assert.Equal("The good text.", (string?)content["data"]![0]!["text"]);
    }

    [Fact]
    public async Task What_is_deleted_is_gone_from_the_search_and_from_the_database()
    {
        const string Secret = "zanahoria2391";
        string store = await _gateway.CollectAsync(("secret.txt", $"The password is {Secret}."), ("boiler.md", Boiler));
        await VectorsAsync(store);
        Assert.NotEmpty(await _gateway.SearchAsync(store, new { query = Secret }));
        string file = (string)(await _gateway.GetJsonAsync($"/v1/vector_stores/{store}/files"))["data"]![1]!["id"]!;

        (_, JsonNode removed) = await _gateway.SendAsync(HttpMethod.Delete, $"/v1/files/{file}");
        Assert.True((bool?)removed["deleted"]);
        Assert.DoesNotContain(await _gateway.SearchAsync(store, new { query = Secret }), f => (string?)f!["filename"] == "secret.txt");
        Assert.Single((await _gateway.GetJsonAsync($"/v1/vector_stores/{store}/files"))["data"]!.AsArray());
        await _gateway.Get<Database>().EraseDeletedAsync();
        byte[] bytes = new byte[RandomAccess.GetLength(_gateway.Get<Database>().FileBytes!)];
        RandomAccess.Read(_gateway.Get<Database>().FileBytes!, bytes, 0);
        Assert.Equal(-1, bytes.AsSpan().IndexOf("zanahoria2391"u8));

        await _gateway.SendAsync(HttpMethod.Delete, $"/v1/vector_stores/{store}");
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, $"/v1/vector_stores/{store}")).Status);
        Assert.Equal(0, _gateway.Get<Database>().Read(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM document_chunks")));
    }

    [Fact]
    public async Task A_collection_has_a_name_and_notes_and_is_listed()
    {
        (int status, JsonNode store) = await _gateway.PostAsync("/v1/vector_stores", new { name = "One", metadata = new { a = "b" } });
        Assert.Equal((200, "vector_store", "completed"), (status, (string?)store["object"], (string?)store["status"]));
        (_, store) = await _gateway.PostAsync($"/v1/vector_stores/{store["id"]}", new { name = "Two" });
        Assert.Equal(("Two", "b"), ((string?)store["name"], (string?)store["metadata"]!["a"]));
        Assert.Equal((string?)store["id"], (string?)(await _gateway.GetJsonAsync("/v1/vector_stores?limit=1"))["data"]![0]!["id"]);
        Assert.Equal(404, (await _gateway.PostAsync($"/v1/vector_stores/{store["id"]}/files", new { file_id = "file-none" })).Status);
        Assert.Equal(400, (await _gateway.PostAsync($"/v1/vector_stores/{store["id"]}/files", new { })).Status);
        Assert.Equal(400, (await _gateway.PostAsync($"/v1/vector_stores/{store["id"]}/search", new { query = " " })).Status);
    }

    private Task VectorsAsync(string store) => Eventually.TrueAsync(async () =>
        (await _gateway.GetJsonAsync($"/v1/vector_stores/{store}"))["vectors"] is { } vectors && (int?)vectors["completed"] == (int?)vectors["total"]);
}
