using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Feedback;

public sealed class PreferenceTests
{
    [Fact]
    public void One_rated_up_is_preferred_to_those_that_were_there_and_to_those_rated_down() =>
        Assert.Equal([("a", "b"), ("a", "d")], PreferenceRules.Pairs(
        [
            Make("a", "good", 1, "up", ratedAt: 5),
            Make("b", "seen", 2),
            Make("c", "made later", 6),
            Make("d", "made later and disliked", 7, "down", ratedAt: 8),
            Make("e", " good", 3), // the same text
            Make("f", "good, too", 4, null, ratedAt: 9) with { CreatedAt = 9 }, // its rating was withdrawn
        ]));

    [Fact]
    public void Of_two_rated_up_none_is_preferred() => Assert.Empty(PreferenceRules.Pairs([Make("a", "x", 1, "up", 3), Make("b", "y", 2, "up", 4)]));

    [Fact]
    public async Task Rating_a_regenerated_reply_up_keeps_pairs_that_follow_every_change_of_mind()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string first = await gateway.LogAsync("Hi", "Hello!", "chat-1");
        string second = await gateway.LogAsync("Hi", "Hey!", "chat-1");
        string third = await gateway.LogAsync("Hi", "Yo!", "chat-1");
        await gateway.LogAsync("Hi", "Elsewhere", "chat-2");
        await RateAsync(gateway, second, "up");
        Assert.Equal(new[] { (second, first), (second, third) }.ToHashSet(), Pairs(gateway).ToHashSet());
        await RateAsync(gateway, third, "up");
        Assert.Equal(new[] { (second, first), (third, first) }.ToHashSet(), Pairs(gateway).ToHashSet());
        await RateAsync(gateway, second, "down");
        Assert.Equal(new[] { (third, first), (third, second) }.ToHashSet(), Pairs(gateway).ToHashSet());
        await RateAsync(gateway, third, null);
        Assert.Empty(Pairs(gateway));
    }

    [Fact]
    public async Task Pairs_are_listed_and_exported_for_later_trainings()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string[] replies =
        [
            await gateway.LogAsync("Hi", "Hello!", "chat-1"),
            await gateway.LogAsync("Hi", "Hey!", "chat-1"),
            await gateway.LogAsync("Hi", "¡Yo!", "chat-1"),
        ];
        await RateAsync(gateway, replies[1], "up");

        JsonNode page = await gateway.GetJsonAsync("/api/preferences?limit=1");
        Assert.Equal((1, true), (page["data"]!.AsArray().Count, (bool)page["has_more"]!));
        JsonNode next = await gateway.GetJsonAsync($"/api/preferences?limit=1&after={page["last_id"]}");
        Assert.False((bool)next["has_more"]!);
        Assert.Equal(["Hello!", "¡Yo!"], ((JsonNode[])[page, next]).Select(p => (string)p["data"]![0]!["rejected"]!).Order());

        string[] rows = (await gateway.Client.GetStringAsync("/api/preferences/export")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(
            """{"input":{"messages":[{"role":"user","content":"Hi"}]}"""
            + ""","preferred_output":[{"role":"assistant","content":"Hey!"}],"non_preferred_output":[{"role":"assistant","content":"¡Yo!"}]}""",
            rows);
    }

    private static Task RateAsync(TestGateway gateway, string id, string? rating) => gateway.PostAsync("/api/feedback", new { completion_id = id, rating });

    private static IReadOnlyList<(string, string)> Pairs(TestGateway gateway) =>
        gateway.Get<Database>().Read(c => c.Query<(string, string)>("SELECT chosen_id, rejected_id FROM preferences").ToArray());

    private static Sibling Make(string id, string text, long createdAt, string? rating = null, long? ratedAt = null) =>
        new() { CompletionId = id, Text = text, CreatedAt = createdAt, Rating = rating, RatedAt = ratedAt };
}
