using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Conversations;

/// <summary>A conversation keeps what was regenerated and edited, and shows the branch that its user has stepped to.</summary>
public sealed class BranchTests
{
    [Fact]
    public async Task Every_branch_is_there_and_the_one_stepped_to_is_shown_until_another_reply_comes()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.LogAsync("Hi", "Hello!", "chat-1");
        string followed = await gateway.LogAsync("And you?", "Fine.", "chat-1", "stop", ("user", "Hi"), ("assistant", "Hello!"));
        string again = await gateway.LogAsync("Hi", "Hey!", "chat-1"); // regenerated
        string edited = await gateway.LogAsync("Ho", "Ha!", "chat-1"); // edited

        JsonNode chat = await gateway.GetJsonAsync("/api/conversations/chat-1");
        Assert.Equal(["Ho", "Ha!"], Texts(chat, "messages"));
        Assert.Equal(["Hi", "Hello!", "And you?", "Fine.", "Hey!"], Texts(chat, "other_messages"));
        Assert.Equal(0.5, (double)chat["request"]!["temperature"]!);

        (int status, chat) = await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { shown = followed });
        Assert.Equal(200, status);
        Assert.Equal(["Hi", "Hello!", "And you?", "Fine."], Texts(chat, "messages"));
        JsonArray messages = chat["messages"]!.AsArray();
        Assert.Equal(messages.Select(m => (long?)m!["id"]).SkipLast(1), messages.Skip(1).Select(m => (long?)m!["parent_id"]));
        Assert.Equal(["Hi", "Hello!", "And you?", "Fine."], Texts(await gateway.GetJsonAsync("/api/conversations/chat-1"), "messages"));

        await gateway.LogAsync("Ho", "He!", "chat-1");
        Assert.Equal(["Ho", "He!"], Texts(await gateway.GetJsonAsync("/api/conversations/chat-1"), "messages"));
        foreach (string id in (string[])[again, edited])
            Assert.Equal(200, (await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" })).Status);
    }

    [Fact]
    public async Task Replies_with_the_same_words_are_rated_apart()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string first = await gateway.LogAsync("Hi", "Hello!", "chat-1"), second = await gateway.LogAsync("Hi", "Hello!", "chat-1");
        await gateway.PostAsync("/api/feedback", new { completion_id = first, rating = "up" });
        JsonNode chat = await gateway.GetJsonAsync("/api/conversations/chat-1");
        Assert.Equal((second, null), ((string?)chat["messages"]![1]!["completion_id"], chat["messages"]![1]!["rating"]));
        JsonNode other = chat["other_messages"]!.AsArray().Single()!;
        Assert.Equal((first, "up"), ((string?)other["completion_id"], (string?)other["rating"]!["rating"]));
        Assert.Equal((long)chat["messages"]![1]!["id"]!, (long)other["id"]!);
    }

    [Fact]
    public async Task A_step_to_a_reply_of_another_conversation_is_refused()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.LogAsync("Hi", "Hello!", "chat-1");
        string other = await gateway.LogAsync("Hi", "Hello!", "chat-2");
        (int status, JsonNode error) = await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { shown = other });
        Assert.Equal(404, status);
        TestGateway.AssertOpenAiError(error, "not_found");
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { })).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-9", new { title = "x" })).Status);
    }

    private static string[] Texts(JsonNode chat, string list) => [.. chat[list]!.AsArray().Select(m => (string)m!["content"]!)];
}
