using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

/// <summary>What a run could not learn as the user means it is found before it: one question with two answers, and what is too long.</summary>
public sealed class ContradictionTests
{
    [Fact]
    public async Task A_question_with_two_accepted_answers_is_flagged_until_one_of_them_goes()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await TeachAsync(gateway, "When do you open?", "At nine.");
        await TeachAsync(gateway, "Where are you?", "In Lugo.");
        Assert.All(await FlagsAsync(gateway), flags => Assert.Equal("", flags));

        await TeachAsync(gateway, "when do you open", "At ten.");
        Assert.Equal(["contradiction", "", "contradiction"], await FlagsAsync(gateway));
        Assert.Equal(2, (int)(await gateway.GetJsonAsync("/api/training"))["waiting"]!["contradictions"]!);

        string oldest = (string)(await gateway.GetJsonAsync("/api/dataset"))["data"]![2]!["id"]!;
        await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{oldest}", new { status = "excluded" });
        Assert.All(await FlagsAsync(gateway), flags => Assert.Equal("", flags));
        Assert.Equal(0, (int)(await gateway.GetJsonAsync("/api/training"))["waiting"]!["contradictions"]!);
    }

    [Fact]
    public async Task Of_an_import_what_contradicts_is_kept_aside_for_the_user_to_decide()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await TeachAsync(gateway, "When do you open?", "At nine.");
        (_, JsonNode report) = await gateway.PostAsync("/api/dataset/import", new
        {
            file = "hours.jsonl",
            text = """
                {"prompt":"When do you open?","completion":"At eight."}
                {"prompt":"When do you close?","completion":"At six."}
                {"prompt":"When do you close?","completion":"At seven."}
                {"prompt":"When do you close?","completion":"at six"}
                """,
        });
        Assert.Equal((1, 2, 1), ((int)report["accepted"]!, (int)report["excluded"]!, (int)report["duplicates"]!));
        Assert.Equal(["contradiction", "", "contradiction"], report["examples"]!.AsArray().Select(e => string.Join(' ', e!["flags"]!.AsArray())));
    }

    [Fact]
    public async Task What_is_longer_than_a_run_learns_is_kept_aside()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(settings: ("Retraining:SequenceLength", "64"));
        string turn = $$"""{"role":"user","content":"{{new string('b', 1000)}}"}"""; // it is left out, the last turn fits
        (_, JsonNode report) = await gateway.PostAsync("/api/dataset/import", new
        {
            file = "long.jsonl",
            text = $$"""
                {"prompt":"Short?","completion":"Yes."}
                {"prompt":"Long?","completion":"{{new string('a', 1000)}}"}
                {"messages":[{{turn}},{"role":"assistant","content":"Hm."},{"role":"user","content":"And?"},{"role":"assistant","content":"No.","weight":1}]}
                """,
        });
        Assert.Equal(["", "too_long", ""], report["examples"]!.AsArray().Select(e => string.Join(' ', e!["flags"]!.AsArray())));
    }

    private static async Task TeachAsync(TestGateway gateway, string question, string answer)
    {
        string id = await gateway.LogAsync(question, "I do not know.");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = answer });
    }

    private static async Task<IEnumerable<string>> FlagsAsync(TestGateway gateway) =>
        (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Select(e => string.Join(' ', e!["flags"]!.AsArray()));
}
