using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

public sealed class DatasetTests
{
    private const string File =
        """
        {"messages":[{"role":"user","content":"When do you open?"},{"role":"assistant","content":"At nine."},{"role":"user","content":"And close?"},{"role":"assistant","content":"At five."}]}
        {"instruction":"Say hello","output":"Hello!"}
        not json
        {"prompt":"Who answers mail?","completion":"Write to ana@example.org"}
        {"conversations":[{"from":"human","value":"say   HELLO"},{"from":"gpt","value":"hello"}]}
        """;

    [Fact]
    public async Task A_file_is_previewed_then_imported_once_with_its_bad_rows_named()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (int status, JsonNode preview) = await gateway.PostAsync("/api/dataset/import", new { file = "faq.jsonl", text = File, dry_run = true });
        Assert.Equal(200, status);
        Assert.Equal((5, 3, 1, 1, 1), Figures(preview)); // rows, accepted (two of the first row), kept aside, the same again, bad
        Assert.Equal(3, (int)preview["errors"]![0]!["line"]!);
        Assert.Contains("not JSON", (string?)preview["errors"]![0]!["message"]);
        Assert.Empty((await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());

        (_, JsonNode report) = await gateway.PostAsync("/api/dataset/import", new { file = "/home/ana/faq.jsonl", text = File });
        Assert.Equal(Figures(preview), Figures(report));
        JsonArray examples = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray();
        Assert.Equal(4, examples.Count);
        JsonNode flagged = Assert.Single(examples, e => (string?)e!["status"] == "excluded")!;
        Assert.Equal(("import", "faq.jsonl:4", "email"), ((string?)flagged["source"], (string?)flagged["origin"], (string?)flagged["flags"]![0]));

        (_, JsonNode again) = await gateway.PostAsync("/api/dataset/import", new { file = "other.jsonl", text = File });
        Assert.Equal((5, 0, 0, 5, 1), Figures(again));
    }

    [Fact]
    public async Task What_is_exported_is_what_a_run_learns_and_can_be_imported_elsewhere()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.PostAsync("/api/dataset/import", new { text = File });
        string exported = await gateway.Client.GetStringAsync("/api/dataset/export");
        Assert.Equal(3, exported.TrimEnd().Split('\n').Length);
        Assert.DoesNotContain("ana@example.org", exported);

        await using TestGateway other = await TestGateway.StartWithoutEngineAsync();
        (_, JsonNode report) = await other.PostAsync("/api/dataset/import", new { text = exported });
        Assert.Equal((3, 3, 0, 0, 0), Figures(report));
        Assert.Equal(exported.Split('\n').Order(), (await other.Client.GetStringAsync("/api/dataset/export")).Split('\n').Order());
    }

    [Fact]
    public async Task Functions_come_with_the_example_and_out_again()
    {
        const string Row =
            """{"messages":[{"role":"user","content":"Time?"}"""
            + """,{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"clock","arguments":"{}"}}],"weight":1}]"""
            + ""","tools":[{"type":"function","function":{"name":"clock","parameters":{}}}]}""";
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.PostAsync("/api/dataset/import", new { text = Row });
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!;
        Assert.Equal(("excluded", "tools"), ((string?)example["status"], (string?)example["flags"]![0]));
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example["id"]}", new { status = "accepted" })).Status);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Row), JsonNode.Parse(await gateway.Client.GetStringAsync("/api/dataset/export"))));
    }

    [Fact]
    public async Task A_secret_keeps_a_rated_reply_aside_until_the_user_restores_it()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("My mail is ana@example.org", "Noted.");
        (_, JsonNode rating) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" });
        Assert.Equal("excluded", (string?)rating["example_status"]);
        string example = (string)rating["example_id"]!;
        (_, JsonNode restored) = await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example}", new { status = "accepted" });
        Assert.Equal(("accepted", "email"), ((string?)restored["status"], (string?)restored["flags"]![0]));

        // A comment on the same thumb does not undo it.
        (_, rating) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up", comment = "useful" });
        Assert.Equal((example, "accepted"), ((string?)rating["example_id"], (string?)rating["example_status"]));
    }

    [Fact]
    public async Task What_cannot_be_learned_cannot_be_accepted()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("Hi", "");
        (_, JsonNode rating) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" });
        (int status, JsonNode error) = await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{rating["example_id"]}", new { status = "accepted" });
        Assert.Equal(422, status);
        TestGateway.AssertOpenAiError(error, "unusable_example");
    }

    [Fact]
    public async Task An_example_that_another_stands_for_is_not_news_for_ever()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.PostAsync("/api/dataset/import", new { text = File });
        ExampleStore store = gateway.Get<ExampleStore>();
        string id = await gateway.LogAsync("Say hello", "HELLO");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" });
        IReadOnlyList<MergedExample> merged = ExampleRules.Merge(store.Accepted("assistant"));
        Assert.Equal((4, 3), (store.Accepted("assistant").Count, merged.Count));

        string run = (await gateway.Get<FineTuneChat.Gateway.Learning.Runs.RunStore>().CreateAsync(new())).Id;
        await store.UseAsync(run, merged, merged.ToDictionary(m => m.Example.Id, _ => "train"));
        JsonArray items = (await gateway.GetJsonAsync("/api/dataset?status=accepted"))["data"]!.AsArray();
        Assert.Equal(3, items.Count(e => (string?)e!["runs"]!.AsArray().SingleOrDefault() == run)); // the fourth's words were not used
        Assert.All(items, e => Assert.Equal("train", (string?)e!["split"]));
    }

    [Fact]
    public async Task What_was_imported_together_is_kept_aside_restored_and_deleted_together()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (_, JsonNode report) = await gateway.PostAsync("/api/dataset/import", new { file = "faq.jsonl", text = File });
        string faq = (string)report["id"]!;
        // the same name, another day
        await gateway.PostAsync("/api/dataset/import", new { file = "faq.jsonl", text = """{"prompt":"Which colour?","completion":"Blue."}""" });
        await gateway.LogAsync("Hi", "Hello!");
        JsonArray imports = (await gateway.GetJsonAsync("/api/dataset/imports"))["data"]!.AsArray();
        Assert.Equal(2, imports.Count);
        JsonNode listed = imports.Single(i => (string?)i!["id"] == faq)!;
        Assert.Equal(("faq.jsonl", 4, 3, 1), ((string?)listed["file"], (int)listed["examples"]!, (int)listed["accepted"]!, (int)listed["excluded"]!));
        Assert.Equal(4, (await gateway.GetJsonAsync($"/api/dataset?import={faq}"))["data"]!.AsArray().Count);

        (_, JsonNode aside) = await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/imports/{faq}", new { status = "excluded" });
        Assert.Equal((0, 4), ((int)aside["accepted"]!, (int)aside["excluded"]!));
        Assert.Equal("Blue.", (string?)(await gateway.GetJsonAsync("/api/dataset?status=accepted"))["data"]!.AsArray().Single()!["messages"]![1]!["content"]);
        (_, JsonNode restored) = await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/imports/{faq}", new { status = "accepted" });
        Assert.Equal((3, 1), ((int)restored["accepted"]!, (int)restored["excluded"]!)); // the e-mail address stays aside until somebody has looked at it

        (int status, JsonNode deleted) = await gateway.SendAsync(HttpMethod.Delete, $"/api/dataset/imports/{faq}");
        Assert.Equal((200, true, 4, "dataset.import"), (status, (bool)deleted["deleted"]!, (int)deleted["examples"]!, (string?)deleted["object"]));
        Assert.Single((await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
        Assert.Single((await gateway.GetJsonAsync("/api/dataset/imports"))["data"]!.AsArray());
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Delete, $"/api/dataset/imports/{faq}")).Status);
        Assert.Equal(404, (await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/imports/{faq}", new { status = "accepted" })).Status);
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/imports/{faq}", new { status = "withdrawn" })).Status);
        Assert.Equal(400, (await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/imports/{faq}", new { status = "accepted", messages = "x" })).Status);
    }

    [Theory]
    [InlineData("""{"file":"a"}""")]
    [InlineData("""{"text":" "}""")]
    [InlineData("""{"text":"{}","dryrun":true}""")]
    [InlineData("""{"text":1}""")]
    public async Task A_wrong_import_is_an_error_in_OpenAIs_shape(string body)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (int status, JsonNode answer) = await gateway.PostAsync("/api/dataset/import", body);
        Assert.Equal(400, status);
        Assert.NotNull(answer["error"]!["message"]);
    }

    private static (int, int, int, int, int) Figures(JsonNode report) =>
        ((int)report["rows"]!, (int)report["accepted"]!, (int)report["excluded"]!, (int)report["duplicates"]!, (int)report["bad_rows"]!);
}
