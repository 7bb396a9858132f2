using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Feedback;

public sealed class ReasonTests
{
    private const string Long = "The shop opens at nine in the morning, and it closes at five in the afternoon, on every day but Sunday.";
    private const string Middle = "The shop is open from nine to five, but not on Sundays.", Short = "From nine to five.";

    [Theory]
    [InlineData("too_long", Short, Long, true)]
    [InlineData("too_long", Long, Short, false)] // it would teach the opposite
    [InlineData("wrong_language", "La tienda abre a las nueve.", Short, true)]
    [InlineData("wrong_language", "The shop opens at ten.", "The shop opens at nine.", false)]
    [InlineData("wrong_language", "9–17", "The shop opens at nine.", true)] // no language can be told
    [InlineData("tone", Long, Short, true)]
    [InlineData("wrong", Long, Short, true)]
    [InlineData("refused", Long, Short, true)]
    public void A_pair_must_not_teach_the_opposite_of_what_was_complained_about(string reason, string chosen, string rejected, bool allowed) =>
        Assert.Equal(allowed, ReasonRules.Allow([reason], chosen, rejected));

    [Theory]
    [InlineData("The capital of France is Paris.", "en")]
    [InlineData("La capital de Francia es París.", "es")]
    [InlineData("Paris.", null)]
    [InlineData(null, null)]
    public void The_language_of_a_reply_is_told_by_its_small_words(string? text, string? language) => Assert.Equal(language, ReplyLanguage.Of(text));

    [Fact]
    public void Of_unrated_replies_the_longest_that_is_much_shorter_stands_against_one_that_is_just_too_long()
    {
        Sibling tooLong = Make("a", Long, "down", "too_long");
        Sibling[] others = [Make("b", Middle), Make("c", Short), Make("d", Long[..^5]), Make("e", "…") with { IsWhole = false }];
        Assert.Equal([("b", "a")], PreferenceRules.Pairs([tooLong, .. others]));
        Assert.Empty(PreferenceRules.Pairs([tooLong with { Reasons = """["too_long","wrong"]""" }, .. others])); // the shorter one may be as wrong
        Assert.Empty(PreferenceRules.Pairs([tooLong, others[2]])); // hardly shorter
        Assert.Equal([("f", "a")], PreferenceRules.Pairs([tooLong, others[0], Make("f", Short, "up") with { RatedAt = 0 }])); // the user has chosen
        Assert.Equal(
            [("b", "a")], PreferenceRules.Pairs([tooLong, others[0], Make("g", Long + Long, "up") with { RatedAt = 0 }])); // that one is longer still
    }

    [Fact]
    public async Task Reasons_are_stored_shown_exported_and_withdrawn_with_the_thumb()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string tooLong = await gateway.LogAsync("When?", Long, "chat-1"), brief = await gateway.LogAsync("When?", Short, "chat-1");
        (int status, JsonNode rating) = await gateway.PostAsync(
            "/api/feedback", new { completion_id = tooLong, rating = "down", reasons = (string[])["too_long", "too_long"] });
        Assert.Equal((200, """["too_long"]"""), (status, rating["reasons"]!.ToJsonString()));

        Assert.Equal("""["too_long"]""", (await ReplyAsync())["rating"]!["reasons"]!.ToJsonString());
        JsonNode unwanted = (await gateway.GetJsonAsync("/api/dataset?status=unwanted"))["data"]![0]!;
        Assert.Equal("""["too_long"]""", unwanted["reasons"]!.ToJsonString());
        JsonNode pair = (await gateway.GetJsonAsync("/api/preferences"))["data"]!.AsArray().Single()!;
        Assert.Equal((brief, tooLong, """["too_long"]"""), ((string)pair["chosen_id"]!, (string)pair["rejected_id"]!, pair["reasons"]!.ToJsonString()));
        Assert.EndsWith(""","reasons":["too_long"]}""" + "\n", await gateway.Client.GetStringAsync("/api/preferences/export"));

        // What a run makes of it: the pair, and nothing against the words of the longer reply.
        IReadOnlyList<Example> avoided = gateway.Get<ExampleStore>().Unwanted("assistant");
        PreferenceStore preferences = gateway.Get<PreferenceStore>();
        string row = Assert.Single(FeedbackRows.Of([], avoided, preferences.Rejected("assistant"), preferences.Shorter("assistant")));
        Assert.Equal((Short, Long), ((string?)JsonNode.Parse(row)!["chosen"]![0]!["content"], (string?)JsonNode.Parse(row)!["rejected"]![0]!["content"]));

        await gateway.PostAsync("/api/feedback", """{"completion_id":"ID","rating":null}""".Replace("ID", tooLong));
        Assert.Null((await ReplyAsync())["rating"]);
        Assert.Empty((await gateway.GetJsonAsync("/api/preferences"))["data"]!.AsArray());

        async Task<JsonNode> ReplyAsync()
        {
            JsonNode chat = await gateway.GetJsonAsync("/api/conversations/chat-1");
            return chat["messages"]!.AsArray().Concat(chat["other_messages"]!.AsArray()).Single(m => (string?)m!["completion_id"] == tooLong)!;
        }
    }

    [Fact]
    public async Task A_correction_that_does_not_answer_the_complaint_is_an_example_and_no_pair()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("When?", Short, "chat-1");
        await CorrectAsync(Long, "too_long");
        Assert.Empty(gateway.Get<PreferenceStore>().Rejected("assistant"));
        Assert.Single(gateway.Get<ExampleStore>().Accepted("assistant"));
        await CorrectAsync(Long, "wrong");
        Assert.Single(gateway.Get<PreferenceStore>().Rejected("assistant"));

        Task CorrectAsync(string correction, string reason) => gateway.PostAsync(
            "/api/feedback", new { completion_id = id, rating = "down", correction, reasons = (string[])[reason] });
    }

    [Theory]
    [InlineData("""{"completion_id":"ID","rating":"down","reasons":["ugly"]}""", "too_long, wrong, wrong_language, tone, refused")]
    [InlineData("""{"completion_id":"ID","rating":"down","reasons":[null]}""", "too_long, wrong, wrong_language, tone, refused")]
    [InlineData("""{"completion_id":"ID","rating":"up","reasons":["tone"]}""", "\"down\"")]
    [InlineData("""{"completion_id":"ID","rating":null,"reasons":["tone"]}""", "\"down\"")]
    public async Task Other_reasons_are_refused(string body, string said)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (int status, JsonNode error) = await gateway.PostAsync("/api/feedback", body.Replace("ID", await gateway.LogAsync("When?", Short)));
        Assert.Equal((400, "reasons"), (status, (string?)error["error"]!["param"]));
        Assert.Contains(said, (string)error["error"]!["message"]!);
    }

    private static Sibling Make(string id, string text, string? rating = null, string? reason = null) => new()
    {
        CompletionId = id,
        Text = text,
        CreatedAt = 1,
        Rating = rating,
        RatedAt = rating is null ? null : 2,
        Reasons = reason is null ? null : $"""["{reason}"]""",
        IsWhole = true,
    };
}
