using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retrieval;

/// <summary>Chats over documents, with a real engine: replies carry their sources, whole, streamed and stored, in each dialect.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class DocumentChatTests : IAsyncLifetime
{
    private const string Boiler = "# Boiler\n\nThe warranty of the boiler lasts seven years.";
    private TestGateway _gateway = null!;
    private string _store = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartReadyAsync();
        _store = await _gateway.CollectAsync(("boiler.md", Boiler));
    }

    public Task DisposeAsync() => _gateway.DisposeAsync().AsTask();

    [Fact]
    public async Task A_reply_carries_its_sources_and_so_does_the_history()
    {
        (int status, JsonNode reply) = await AskAsync("How long is the warranty of the boiler?");
        Assert.Equal(200, status);
        Assert.Equal("boiler.md", (string?)reply["sources"]![0]!["filename"]);
        JsonNode citation = reply["choices"]![0]!["message"]!["annotations"]![0]!;
        Assert.Equal(("file_citation", 0, "Boiler"), ((string?)citation["type"], (int?)citation["index"], (string?)citation["source"]!["heading"]));

        JsonNode conversations = await _gateway.GetJsonAsync("/api/conversations");
        JsonNode stored = await _gateway.GetJsonAsync($"/api/conversations/{conversations["data"]![0]!["id"]}");
        JsonArray messages = stored["messages"]!.AsArray();
        Assert.Equal("boiler.md", (string?)messages[^1]!["sources"]![0]!["filename"]);
        Assert.Equal("How long is the warranty of the boiler?", (string?)messages[^2]!["content"]); // the client's own
    }

    [Fact]
    public async Task What_no_document_says_has_an_empty_list_of_sources()
    {
        (_, JsonNode reply) = await AskAsync("Which submarine won the regatta of Helsinki?");
        Assert.Empty(reply["sources"]!.AsArray());
        (_, reply) = await _gateway.ChatAsync("How long is the warranty of the boiler?");
        Assert.Null(reply["sources"]); // nobody asked for documents
    }

    [Fact]
    public async Task A_streamed_reply_tells_its_sources_once()
    {
        var body = new { model = "assistant", messages = Said("warranty of the boiler"), max_tokens = 4, stream = true, vector_store_ids = new[] { _store } };
        using HttpResponseMessage response = await _gateway.Client.PostAsync("/v1/chat/completions", JsonContent.Create(body));
        string[] events = [.. (await response.Content.ReadAsStringAsync()).Split("\n\n").Where(e => e.StartsWith("data: {", StringComparison.Ordinal))];
        JsonNode told = JsonNode.Parse(Assert.Single(events, e => e.Contains("\"sources\""))["data: ".Length..])!;
        Assert.Equal((string?)JsonNode.Parse(events[0]["data: ".Length..])!["id"], (string?)told["id"]);
        Assert.Equal("boiler.md", (string?)told["choices"]![0]!["delta"]!["annotations"]![0]!["filename"]);
    }

    [Fact]
    public async Task A_response_searches_files_and_cites_them()
    {
        var tool = new { type = "file_search", vector_store_ids = new[] { _store } };
        (int status, JsonNode response) = await _gateway.PostAsync("/v1/responses", new
        {
            model = "assistant",
            input = "How long is the warranty of the boiler?",
            tools = new[] { tool },
            max_output_tokens = 4,
            include = new[] { "file_search_call.results" },
        });
        Assert.Equal(200, status);
        Assert.Equal("file_search_call", (string?)response["output"]![0]!["type"]);
        Assert.Equal("boiler.md", (string?)response["output"]![0]!["results"]![0]!["filename"]);
        JsonNode message = response["output"]!.AsArray().Single(item => (string?)item!["type"] == "message")!;
        Assert.Equal("file_citation", (string?)message["content"]![0]!["annotations"]![0]!["type"]);
    }

    [Fact]
    public async Task An_assistant_looks_things_up_in_its_documents()
    {
        await _gateway.SendAsync(HttpMethod.Patch, "/api/assistants/assistant", new { vector_store_ids = new[] { _store } });
        Assert.Equal(_store, (string?)(await _gateway.GetJsonAsync("/api/assistants/assistant"))["vector_store_ids"]![0]);
        (_, JsonNode reply) = await _gateway.ChatAsync("How long is the warranty of the boiler?");
        Assert.NotEmpty(reply["sources"]!.AsArray());
        (int status, JsonNode error) = await _gateway.SendAsync(
            HttpMethod.Patch, "/api/assistants/assistant", new { vector_store_ids = new[] { "vs_none" } });
        Assert.Equal(400, status);
        TestGateway.AssertOpenAiError(error, "not_found");
    }

    [Fact]
    public async Task Documents_of_a_message_are_asked_for_its_reply_alone()
    {
        var first = new { role = "user", content = "How long is the warranty of the boiler?", vector_store_ids = new[] { _store } };
        (_, JsonNode reply) = await _gateway.PostAsync("/v1/chat/completions", new { model = "assistant", messages = new[] { first }, max_tokens = 4 });
        Assert.NotEmpty(reply["sources"]!.AsArray());
        var answer = new { role = "assistant", content = (string?)reply["choices"]![0]!["message"]!["content"] };
        object[] talk = [first, answer, .. Said("And the boiler's noise?")];
        (_, reply) = await _gateway.PostAsync("/v1/chat/completions", new { model = "assistant", messages = talk, max_tokens = 4 });
        Assert.Null(reply["sources"]);

        JsonNode conversation = Assert.Single((await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray())!;
        JsonArray messages = (await _gateway.GetJsonAsync($"/api/conversations/{conversation["id"]}"))["messages"]!.AsArray();
        Assert.Equal([_store, null, null, null], messages.Select(m => (string?)m!["vector_store_ids"]?[0]));
    }

    [Fact]
    public async Task A_collection_that_is_not_there_is_named()
    {
        (int status, JsonNode error) = await _gateway.PostAsync(
            "/v1/chat/completions", new { model = "assistant", messages = Said("hello"), vector_store_ids = new[] { "vs_none" } });
        Assert.Equal(400, status);
        TestGateway.AssertOpenAiError(error, "not_found");
    }

    private Task<(int Status, JsonNode Body)> AskAsync(string text) => _gateway.PostAsync(
        "/v1/chat/completions", new { model = "assistant", messages = Said(text), max_tokens = 4, vector_store_ids = new[] { _store } });

    private static object[] Said(string text) => [new { role = "user", content = text }];
}
