using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Feedback;

public sealed class FeedbackTests
{
    [Fact]
    public async Task A_rating_is_stored_shown_and_becomes_an_example()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("Hi", "Hello!", "chat-1");

        (int status, JsonNode rating) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up", comment = "nice" });
        Assert.Equal((200, "up", "nice", "accepted"), (status, (string?)rating["rating"], (string?)rating["comment"], (string?)rating["example_status"]));

        JsonNode message = (await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!;
        Assert.Equal(("up", "nice"), ((string?)message["rating"]!["rating"], (string?)message["rating"]!["comment"]));
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!;
        Assert.Equal((id, "accepted", "rating"), ((string?)example["completion_id"], (string?)example["status"], (string?)example["source"]));
        Assert.Equal("""[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}]""", example["messages"]!.ToJsonString());
    }

    [Fact]
    public async Task The_latest_rating_counts_and_nothing_of_the_earlier_one_stays()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("¿Horario?", "No sé.", "chat-1");
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up", comment = "good" });
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = "De 9 a 17." });

        JsonNode example = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!;
        Assert.Equal(("correction", "De 9 a 17."), ((string?)example["source"], (string?)example["messages"]![1]!["content"]));
        JsonNode rating = (await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!["rating"]!;
        Assert.Equal(("down", "De 9 a 17.", null), ((string?)rating["rating"], (string?)rating["correction"], rating["comment"]));

        // Down alone is an example of what is not wanted; withdrawn shows nothing.
        await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down" });
        example = (await gateway.GetJsonAsync("/api/dataset?status=unwanted"))["data"]!.AsArray().Single()!;
        Assert.Equal(("rejection", "No sé."), ((string?)example["source"], (string?)example["messages"]![1]!["content"]));
        await gateway.PostAsync("/api/feedback", """{"completion_id":"ID","rating":null}""".Replace("ID", id));
        Assert.Null((await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!["rating"]);
        Assert.Single((await gateway.GetJsonAsync("/api/dataset?status=withdrawn"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_reply_rated_down_waits_to_become_less_likely_unless_it_is_kept_aside_or_corrected()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("¿Horario?", "No sé.", "chat-1");
        (_, JsonNode rating) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down" });
        Assert.Equal("unwanted", (string?)rating["example_status"]);
        Assert.Equal("1 1 1", await WaitingAsync());

        string path = $"/api/dataset/{rating["example_id"]}";
        await gateway.SendAsync(HttpMethod.Patch, path, """{"status":"excluded"}""");
        Assert.Equal("0 0 0", await WaitingAsync());
        (_, JsonNode restored) = await gateway.SendAsync(HttpMethod.Patch, path, """{"status":"accepted"}""");
        Assert.Equal("unwanted", (string?)restored["status"]); // nobody said that it is good
        Assert.Equal("1 1 1", await WaitingAsync());

        (_, JsonNode edited) = await gateway.SendAsync(
            HttpMethod.Patch, path, """{"messages":[{"role":"user","content":"¿Horario?"},{"role":"assistant","content":"De 9 a 17."}]}""");
        Assert.Equal(("accepted", "edit"), ((string?)edited["status"], (string?)edited["source"]));
        Assert.Equal("1 0 1", await WaitingAsync());

        async Task<string> WaitingAsync()
        {
            JsonNode waiting = (await gateway.GetJsonAsync("/api/training"))["waiting"]!;
            return $"{waiting["examples"]} {waiting["unwanted"]} {waiting["new"]}";
        }
    }

    [Fact]
    public async Task Of_a_flood_of_thumbs_down_each_key_keeps_its_turn()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        foreach (string question in (string[])["of another", "first", "second", "third"])
        {
            string id = await gateway.LogAsync(question, "No.", question.Replace(' ', '-'));
            await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down" });
        }
        await gateway.Get<Database>().WriteAsync(c => c.Execute("UPDATE conversations SET owner = 'key_2' WHERE id = 'of-another'"));
        Assert.Equal(
            ["first", "second", "of another", "third"], gateway.Get<ExampleStore>().Unwanted("assistant").Select(e => e.Messages[0].Content));
    }

    [Fact]
    public async Task A_cut_off_reply_rated_down_teaches_nothing()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("Tell me a story", "Once upon", finish: "length");
        (_, JsonNode rating) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down" });
        Assert.Null((string?)rating["example_status"]);
    }

    [Fact]
    public async Task A_reply_that_was_cut_off_is_kept_aside_until_the_user_accepts_it()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string id = await gateway.LogAsync("Tell me a story", "Once upon", finish: "length");
        (_, JsonNode rating) = await gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "up" });
        Assert.Equal("excluded", (string?)rating["example_status"]);
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset?status=excluded"))["data"]!.AsArray().Single()!;
        Assert.Equal("cut_off", (string?)example["flags"]![0]);

        (int status, JsonNode changed) = await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example["id"]}",
            """{"status":"accepted","messages":[{"role":"user","content":"Tell me a story"},{"role":"assistant","content":"The end."}]}""");
        Assert.Equal((200, "accepted", "edit"), (status, (string?)changed["status"], (string?)changed["source"]));
    }
}
