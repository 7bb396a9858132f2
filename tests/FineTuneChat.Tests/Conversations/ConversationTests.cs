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

    [Fact]
    public async Task A_conversation_is_pinned_put_away_and_tagged()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        foreach (string id in (string[])["pinned", "away", "plain"])
            await gateway.LogAsync($"About {id}", "Yes.", id);
        await ChangeAsync("pinned", new { pinned = true, tags = new[] { " work ", "Work", "Ελλάδα" } });
        await ChangeAsync("away", new { archived = true, tags = new[] { "work" } });

        Assert.Equal(["pinned"], await ListAsync("pinned=true&archived=false"));
        Assert.Equal(["plain"], await ListAsync("pinned=false&archived=false"));
        Assert.Equal(["away"], await ListAsync("archived=true"));
        Assert.Equal(["away", "pinned"], await ListAsync("tag=work"));
        Assert.Equal(["away", "pinned", "plain"], await ListAsync("q=about")); // whoever searches finds what is put away, too
        JsonNode chat = await gateway.GetJsonAsync("/api/conversations/pinned");
        Assert.Equal((true, false), ((bool)chat["pinned"]!, (bool)chat["archived"]!));
        Assert.Equal(["work", "Ελλάδα"], chat["tags"]!.AsArray().Select(tag => (string?)tag));
        JsonArray tags = (await gateway.GetJsonAsync("/api/conversations/tags"))["data"]!.AsArray();
        Assert.Equal(["work 2", "Ελλάδα 1"], tags.Select(tag => $"{tag!["tag"]} {tag["conversations"]}"));

        await ChangeAsync("pinned", new { pinned = false, tags = Array.Empty<string>() });
        Assert.Equal(["pinned", "plain"], await ListAsync("pinned=false&archived=false"));
        Assert.Equal(["away"], await ListAsync("tag=work"));
        await RefusedAsync(HttpMethod.Patch, "/api/conversations/plain", new { tags = Enumerable.Range(0, 21).Select(i => $"tag {i}") });
        await RefusedAsync(HttpMethod.Patch, "/api/conversations/plain", new { tags = new[] { new string('x', 41) } });
        await RefusedAsync(HttpMethod.Patch, "/api/conversations/plain", new { });
        await RefusedAsync(HttpMethod.Get, "/api/conversations?archived=perhaps");

        async Task ChangeAsync(string id, object change) =>
            Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Patch, $"/api/conversations/{id}", change)).Status);

        async Task<IEnumerable<string>> ListAsync(string query) =>
            (await gateway.GetJsonAsync($"/api/conversations?{query}"))["data"]!.AsArray().Select(c => (string)c!["id"]!).Order();

        async Task RefusedAsync(HttpMethod method, string path, object? body = null) => Assert.Equal(400, (await gateway.SendAsync(method, path, body)).Status);
    }

    [Fact]
    public async Task Several_conversations_are_deleted_at_once_and_all_of_them_only_when_that_is_said()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string rated = await gateway.LogAsync("Hi", "Hello!", "chat-1");
        await gateway.PostAsync("/api/feedback", new { completion_id = rated, rating = "up" });
        for (int i = 2; i < 6; i++)
            await gateway.LogAsync($"Question {i}", "Answer", $"chat-{i}");

        (int status, JsonNode answer) = await gateway.SendAsync(HttpMethod.Delete, "/api/conversations?id=chat-1&id=chat-2&id=never-was");
        Assert.Equal((200, 2, 1), (status, (int)answer["conversations"]!, (int)answer["data"]!.AsArray().Single()!["examples"]!));
        Assert.Equal(3, (await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Count);
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Delete, "/api/conversations")).Status);
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Delete, "/api/conversations?all=true&id=chat-3")).Status);
        Assert.Equal(3, (await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Count);

        Assert.Equal(3, (int)(await gateway.SendAsync(HttpMethod.Delete, "/api/conversations?all=true")).Body["conversations"]!);
        Assert.Empty((await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray());
        Assert.Empty((await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
    }

    [Fact]
    public async Task Of_replies_with_the_same_words_the_last_one_goes_on_and_each_has_its_number()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string[] replies = [await SameAsync(), await SameAsync(), await SameAsync()];
        Assert.Equal((replies[2], 2), await SecondAsync());
        await gateway.LogAsync("More", "Yes.", "chat-1", "stop", ("user", "Hi"), ("assistant", "Hello!"));
        Assert.Equal((replies[2], 2), await SecondAsync());
        await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { shown = replies[0] });
        Assert.Equal((replies[0], 0), await SecondAsync());

        Task<string> SameAsync() => gateway.LogAsync("Hi", "Hello!", "chat-1");

        async Task<(string?, int)> SecondAsync()
        {
            JsonNode reply = (await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!;
            return ((string?)reply["completion_id"], (int)reply["variant"]!);
        }
    }
}
