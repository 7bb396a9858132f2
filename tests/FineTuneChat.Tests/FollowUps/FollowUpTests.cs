using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.FollowUps;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.FollowUps;

public sealed class FollowUpTests
{
    /// <summary>
    /// 200 made-up turns, half of them follow-ups, half Spanish. The rules were written with every other line in sight, and are judged by the rest.
    /// </summary>
    [Fact]
    public void Rules_hardly_ever_take_a_new_question_for_a_follow_up_and_find_two_thirds_of_them()
    {
        LabelledTurn[] unseen = [.. LabelledTurn.All.Where((_, i) => i % 2 == 1)];
        int found = unseen.Count(t => t.FollowUp && FollowUpRules.IsFollowUp(t.Next));
        int wrong = unseen.Count(t => !t.FollowUp && FollowUpRules.IsFollowUp(t.Next));
        Assert.True(wrong <= 2, $"{wrong} new questions taken for follow-ups");
        Assert.True(found >= 30, $"{found} of {unseen.Count(t => t.FollowUp)} found");
    }

    [Theory]
    [InlineData("You're right, sorry about that. The shop opens at 9.", "The shop opens at 9.")]
    [InlineData("Tienes razón, perdona: abre a las 9.", "Abre a las 9.")]
    [InlineData("Sure, here it is in Spanish: Abre a las 9.", "Abre a las 9.")]
    [InlineData("Of course you can. Bring it to the shop.", "Of course you can. Bring it to the shop.")]
    [InlineData("The shop opens at 9.", "The shop opens at 9.")]
    [InlineData("Sorry.", "Sorry.")]
    public void An_apology_before_the_better_reply_is_not_learned(string reply, string target) => Assert.Equal(target, FollowUpRules.Target(reply));

    [Fact]
    public void The_question_is_the_first_one_however_many_follow_ups_came()
    {
        (string, string)[] talk =
        [
            ("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello!"),
            ("user", "Who leads it?"), ("assistant", "Ana."), ("user", "That's wrong, it's Elsa."),
            ("assistant", "Elsa leads it."), ("user", "In Spanish, please."),
        ];
        RequestMessage[] seen = [.. talk.Select(m => Exchanges.Message(m.Item1, m.Item2))];
        Assert.Equal(["Be kind.", "Hi", "Hello!", "Who leads it?"], FollowUpRules.Question(seen)!.Select(m => m.Content));
        Assert.Null(FollowUpRules.Question(seen[..2]));
    }

    [Fact]
    public async Task A_follow_up_is_offered_and_remembered_only_when_the_user_says_yes()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string first = await gateway.LogAsync("Who leads it?", "Ana leads it.", "chat-1");
        string better = await gateway.LogAsync(
            "That's wrong, it's Elsa.", "You're right. Elsa leads it.", "chat-1", "stop", ("user", "Who leads it?"), ("assistant", "Ana leads it."));
        string path = $"/api/replies/{better}/follow-up";

        Assert.False((bool)(await gateway.GetJsonAsync($"/api/replies/{first}/follow-up"))["is_suggested"]!);
        JsonNode offer = await gateway.GetJsonAsync(path);
        Assert.Equal((true, "Who leads it?", "Elsa leads it."), ((bool)offer["is_suggested"]!, (string?)offer["question"], (string?)offer["reply"]));
        Assert.Empty((await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());

        (int status, JsonNode remembered) = await gateway.PostAsync(path, new { });
        Assert.Equal((200, "accepted"), (status, (string?)remembered["example_status"]));
        await gateway.PostAsync(path, new { }); // once
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!;
        Assert.Equal(("follow_up", (string?)remembered["example_id"]), ((string?)example["source"], (string?)example["id"]));
        Assert.Equal("""[{"role":"user","content":"Who leads it?"},{"role":"assistant","content":"Elsa leads it."}]""", example["messages"]!.ToJsonString());
        Assert.False((bool)(await gateway.GetJsonAsync(path))["is_suggested"]!);

        // A thumb on the same reply is an example of its own; both go with the reply.
        await gateway.PostAsync("/api/feedback", new { completion_id = better, rating = "up" });
        Assert.Equal(2, (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Count);
        await gateway.SendAsync(HttpMethod.Delete, $"/v1/responses/{better.Replace("chatcmpl-", "resp_")}");
        Assert.Empty((await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
    }

    [Fact]
    public async Task What_teaches_nothing_is_refused()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string alone = await gateway.LogAsync("Shorter, please.", "Hm?");
        string cut = await gateway.LogAsync("Shorter, please.", "El", "chat-1", "length", ("user", "Who leads it?"), ("assistant", "Ana leads it."));
        foreach (string id in (string[])[alone, cut])
        {
            Assert.False((bool)(await gateway.GetJsonAsync($"/api/replies/{id}/follow-up"))["is_suggested"]!);
            (int status, JsonNode error) = await gateway.PostAsync($"/api/replies/{id}/follow-up", new { });
            Assert.Equal(422, status);
            TestGateway.AssertOpenAiError(error, "no_follow_up");
        }
        Assert.Equal(404, (await gateway.PostAsync("/api/replies/chatcmpl-none/follow-up", new { })).Status);
    }
}

/// <summary>A message after a reply, and whether it is a follow-up of that.</summary>
internal sealed record LabelledTurn(string Question, string Reply, string Next, bool FollowUp)
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<LabelledTurn> All { get; } =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "tests", "FineTuneChat.Tests", "FollowUps", "data", "turns.jsonl"))
            .Select(line => JsonSerializer.Deserialize<LabelledTurn>(line, Names)!),
    ];
}
