using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Conversations;

public sealed class ConversationTests
{
    [Fact]
    public async Task Turns_with_the_same_id_belong_together_and_show_the_newest_branch()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.LogAsync("Hi", "Hello!", "chat-1");
        string second = await gateway.LogAsync("And you?", "Fine.", "chat-1", "stop", ("user", "Hi"), ("assistant", "Hello!"));
        await gateway.LogAsync("Other", "Else", "chat-2");

        JsonNode chat = await gateway.GetJsonAsync("/api/conversations/chat-1");
        Assert.Equal(["Hi", "Hello!", "And you?", "Fine."], chat["messages"]!.AsArray().Select(m => (string?)m!["content"]));
        JsonNode last = chat["messages"]![3]!;
        Assert.Equal((second, 0, null), ((string?)last["completion_id"], (int?)last["version"], last["rating"]));

        // Regenerated: a sibling, which is now the newest.
        await gateway.LogAsync("And you?", "Great!", "chat-1", "stop", ("user", "Hi"), ("assistant", "Hello!"));
        chat = await gateway.GetJsonAsync("/api/conversations/chat-1");
        Assert.Equal(["Hi", "Hello!", "And you?", "Great!"], chat["messages"]!.AsArray().Select(m => (string?)m!["content"]));
    }

    [Fact]
    public async Task A_client_without_ids_is_recognised_by_its_leading_messages()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.LogAsync("Hi", "Hello! ");
        await gateway.LogAsync("More", "Yes.", null, "stop", ("user", "Hi"), ("assistant", "Hello!")); // clients trim
        await gateway.LogAsync("Hi", "Hello! "); // the same opening is another conversation

        JsonNode list = await gateway.GetJsonAsync("/api/conversations");
        Assert.Equal(2, list["data"]!.AsArray().Count);
        string oldest = (string)list["data"]![1]!["id"]!;
        int[] lengths = [.. await Task.WhenAll(
            list["data"]!.AsArray().Select(async c => (await gateway.GetJsonAsync($"/api/conversations/{c!["id"]}"))["messages"]!.AsArray().Count))];
        Assert.Equal([2, 4], lengths.Order());
        Assert.StartsWith("conv_", oldest);
    }

    [Fact]
    public async Task Lists_are_searched_and_paged_newest_first()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        for (int i = 0; i < 5; i++)
            await gateway.LogAsync($"Question {i}", i == 3 ? "100% sure_" : "answer", $"chat-{i}");

        var seen = new List<string>();
        string? after = null;
        JsonNode page;
        do
        {
            page = await gateway.GetJsonAsync($"/api/conversations?limit=2{(after is null ? "" : $"&after={after}")}");
            seen.AddRange(page["data"]!.AsArray().Select(c => (string)c!["id"]!));
            after = (string?)page["last_id"];
        }
        while ((bool)page["has_more"]!);
        Assert.Equal(["chat-0", "chat-1", "chat-2", "chat-3", "chat-4"], seen.Order());

        Assert.Equal("chat-3", (string?)(await gateway.GetJsonAsync("/api/conversations?q=100%25%20sure_"))["data"]!.AsArray().Single()!["id"]);
        Assert.Empty((await gateway.GetJsonAsync("/api/conversations?q=su%25e"))["data"]!.AsArray()); // % is no wildcard
        (int status, JsonNode error) = await gateway.SendAsync(HttpMethod.Get, "/api/conversations?limit=0");
        Assert.Equal(400, status);
        TestGateway.AssertOpenAiError(error, "invalid_value");
    }

    [Theory]
    [InlineData("abriremos", true)]
    [InlineData("ABRIREMOS manana", true)] // neither case nor accents
    [InlineData("nueve abr", true)] // any order, the last word half typed
    [InlineData("abr nueve", false)] // a word before it, too
    [InlineData("a", true)] // a word, not the beginning of any
    [InlineData("ab", true)]
    [InlineData("m", false)]
    [InlineData("cerramos", false)]
    [InlineData("\"abriremos", true)] // nothing is syntax
    [InlineData("abriremos OR cerramos", false)]
    [InlineData("text:abriremos", false)]
    [InlineData("abriremos*", true)]
    [InlineData("Saludo nuev", true)] // titles by any part
    [InlineData("?!", false)]
    [Trait(Tier.Name, Tier.Slow)]
    public async Task Words_are_found_in_messages_and_titles(string search, bool found)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.LogAsync("¿Y mañana?", "Mañana abriremos a las nueve.", "chat-1");
        await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { title = "Un saludo nuevo" });
        JsonArray hits = (await gateway.GetJsonAsync($"/api/conversations?q={Uri.EscapeDataString(search)}"))["data"]!.AsArray();
        Assert.Equal(found ? 1 : 0, hits.Count);

        await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1");
        Assert.Empty((await gateway.GetJsonAsync($"/api/conversations?q={Uri.EscapeDataString(search)}"))["data"]!.AsArray());
        Assert.Empty(await gateway.Get<FineTuneChat.Gateway.Storage.Database>().CheckAsync());
    }

    [Fact]
    public async Task A_conversation_is_renamed_and_deleted_with_all_that_hangs_on_it()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("Hi", "Hello!", "chat-1");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" });

        (int renamed, JsonNode chat) = await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { title = " Greeting " });
        Assert.Equal((200, "Greeting"), (renamed, (string?)chat["title"]));
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { title = "" })).Status);

        (int deleted, JsonNode answer) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1");
        Assert.Equal((200, true), (deleted, (bool)answer["deleted"]!));
        (int gone, JsonNode error) = await gateway.SendAsync(HttpMethod.Get, "/api/conversations/chat-1");
        Assert.Equal(404, gone);
        TestGateway.AssertOpenAiError(error, "not_found");
        Assert.Empty((await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
        Assert.Equal(404, (await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" })).Status);
    }
}
