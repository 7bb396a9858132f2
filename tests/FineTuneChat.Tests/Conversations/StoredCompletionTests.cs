using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.TestSupport;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Conversations;

/// <summary>OpenAI's stored completions.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class StoredCompletionTests
{
    private const string Path = "/v1/chat/completions";

    [Fact]
    public async Task A_logged_reply_is_shown_with_its_messages()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("And you?", "Fine.", "chat-1", "stop", ("user", "Hi"), ("assistant", "Hello!"));
        JsonNode completion = await gateway.GetJsonAsync($"{Path}/{id}");
        Assert.Equal((id, "chat.completion", "assistant@0"), ((string?)completion["id"], (string?)completion["object"], (string?)completion["model"]));
        Assert.Equal(("Fine.", "stop"), ((string?)completion["choices"]![0]!["message"]!["content"], (string?)completion["choices"]![0]!["finish_reason"]));
        Assert.Equal(0.5, (double)completion["temperature"]!);

        JsonNode messages = await gateway.GetJsonAsync($"{Path}/{id}/messages?limit=2");
        Assert.Equal(["Hi", "Hello!"], messages["data"]!.AsArray().Select(m => (string?)m!["content"]));
        Assert.Equal(($"{id}-0", true), ((string?)messages["data"]![0]!["id"], (bool)messages["has_more"]!));
        messages = await gateway.GetJsonAsync($"{Path}/{id}/messages?after={id}-1");
        Assert.Equal("And you?", (string?)messages["data"]!.AsArray().Single()!["content"]);
    }

    [Fact]
    public async Task Metadata_rates_and_without_it_the_rating_is_withdrawn()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("Hi", "Hello!", "chat-1");
        (int status, JsonNode changed) = await gateway.PostAsync($"{Path}/{id}", new { metadata = new { rating = "up", team = "blue" } });
        Assert.Equal((200, "blue"), (status, (string?)changed["metadata"]!["team"]));
        Assert.Equal("up", await RatingAsync(gateway));
        Assert.Equal("accepted", (string?)(await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!["status"]);

        // A comment given elsewhere is not lost by saying the same again.
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up", comment = "nice" });
        await gateway.PostAsync($"{Path}/{id}", new { metadata = new { rating = "up" } });
        Assert.Equal("nice", (string?)(await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!["rating"]!["comment"]);

        await gateway.PostAsync($"{Path}/{id}", """{"metadata":null}""");
        Assert.Null(await RatingAsync(gateway));
        (status, JsonNode error) = await gateway.PostAsync($"{Path}/{id}", new { metadata = new { rating = "great" } });
        Assert.Equal(400, status);
        TestGateway.AssertOpenAiError(error, "invalid_value");
        Assert.Equal(404, (await gateway.PostAsync($"{Path}/chatcmpl-none", new { metadata = new { rating = "up" } })).Status);
    }

    [Fact]
    public async Task Lists_are_filtered_ordered_and_paged()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string[] ids = [await gateway.LogAsync("1", "a"), await gateway.LogAsync("2", "b"), await gateway.LogAsync("3", "c")];
        await gateway.PostAsync($"{Path}/{ids[1]}", new { metadata = new { topic = "it's 100%" } });

        Assert.Equal(ids, await IdsAsync(gateway, ""));
        Assert.Equal(ids.Reverse(), await IdsAsync(gateway, "?order=desc"));
        Assert.Equal([ids[2]], await IdsAsync(gateway, $"?after={ids[1]}&limit=5"));
        Assert.Equal([ids[1]], await IdsAsync(gateway, $"?metadata[topic]={Uri.EscapeDataString("it's 100%")}"));
        Assert.Empty(await IdsAsync(gateway, "?metadata[topic]=other"));
        Assert.Equal(ids, await IdsAsync(gateway, "?model=assistant"));
        Assert.Empty(await IdsAsync(gateway, "?model=assistant@7"));
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Get, $"{Path}?order=up")).Status);
    }

    [Fact]
    public async Task A_deleted_reply_takes_its_rating_and_example_along_and_leaves_its_siblings()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string kept = await gateway.LogAsync("Hi", "Hello!", "chat-1"), deleted = await gateway.LogAsync("Hi", "Hey!", "chat-1");
        await gateway.PostAsync($"{Path}/{deleted}", new { metadata = new { rating = "up" } });
        (int status, JsonNode answer) = await gateway.SendAsync(HttpMethod.Delete, $"{Path}/{deleted}");
        Assert.Equal((200, "chat.completion.deleted", true), (status, (string?)answer["object"], (bool)answer["deleted"]!));
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, $"{Path}/{deleted}")).Status);
        Assert.Empty((await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
        Assert.Equal(["Hi", "Hello!"], (await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]!.AsArray().Select(m => (string?)m!["content"]));

        await gateway.SendAsync(HttpMethod.Delete, $"{Path}/{kept}");
        AssertEmpty(gateway);
    }

    [Fact]
    public async Task What_is_not_to_be_stored_leaves_nothing_behind()
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        object[] messages = [new { role = "user", content = "A secret" }];
        (int status, JsonNode reply) = await gateway.PostAsync(
            Path, new { model = "assistant", messages, max_tokens = 2, store = false, metadata = new { rating = "up" } });
        Assert.Equal(200, status);
        string id = (string)reply["id"]!;
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Get, $"{Path}/{id}")).Status);
        Assert.Equal(404, (await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" })).Status);
        AssertEmpty(gateway);

        (_, reply) = await gateway.PostAsync(Path, new { model = "assistant", messages, max_tokens = 2, store = true, metadata = new { team = "red" } });
        Assert.Equal("red", (string?)(await gateway.GetJsonAsync($"{Path}/{reply["id"]}"))["metadata"]!["team"]);
    }

    private static void AssertEmpty(TestGateway gateway)
    {
        foreach (string table in (string[])["conversations", "messages", "exchanges", "ratings", "examples", "preferences"])
            Assert.Equal(0, gateway.Get<Database>().Read(c => c.ExecuteScalar<int>($"SELECT COUNT(*) FROM {table}")));
    }

    private static async Task<string?> RatingAsync(TestGateway gateway) =>
        (string?)(await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!["rating"]?["rating"];

    private static async Task<IEnumerable<string?>> IdsAsync(TestGateway gateway, string query) =>
        (await gateway.GetJsonAsync(Path + query))["data"]!.AsArray().Select(c => (string?)c!["id"]);
}
