using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Conversations;

/// <summary>Chats leave as a file and come back from one.</summary>
public sealed class TransferTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_export_comes_back_with_its_branches_and_with_its_ratings_where_they_are_wanted(bool withRatings)
    {
        await using TestGateway here = await TestGateway.StartWithoutEngineAsync(), there = await TestGateway.StartWithoutEngineAsync();
        await here.LogAsync("Hi", "Hello!", "chat-1");
        string followed = await here.LogAsync("And you?", "Fine.", "chat-1", "stop", ("user", "Hi"), ("assistant", "Hello!"));
        string again = await here.LogAsync("Hi", "Hey!", "chat-1");
        await here.LogAsync("Other", "Else", "chat-2");
        await here.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", new { title = "Greeting", shown = followed });
        await here.PostAsync("/api/feedback", new { completion_id = again, rating = "down", correction = "Good day." });

        string file = await here.Client.GetStringAsync("/api/conversations/export");
        (int status, JsonNode report) = await there.PostAsync($"/api/conversations/import?ratings={(withRatings ? "true" : "false")}", file);
        Assert.Equal((200, 2, 0, 4), (status, (int)report["imported"]!, (int)report["duplicates"]!, (int)report["replies"]!));
        JsonNode chat = await there.GetJsonAsync("/api/conversations/chat-1"), original = await here.GetJsonAsync("/api/conversations/chat-1");
        Assert.Equal("Greeting", (string?)chat["title"]);
        foreach (string list in (string[])["messages", "other_messages"])
            Assert.Equal(original[list]!.AsArray().Select(m => (string?)m!["content"]), chat[list]!.AsArray().Select(m => (string?)m!["content"]));
        Assert.Equal((long)original["created_at"]!, (long)chat["created_at"]!);
        Assert.Equal(
            withRatings ? ["Good day."] : [],
            (await there.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Select(e => (string?)e!["messages"]![1]!["content"]));

        (_, report) = await there.PostAsync("/api/conversations/import", file);
        Assert.Equal((0, 2), ((int)report["imported"]!, (int)report["duplicates"]!));
        string one = await here.Client.GetStringAsync("/api/conversations/export?id=chat-2");
        Assert.Equal("Other", (string?)JsonNode.Parse(one)!["data"]!.AsArray().Single()!["title"]);
        Assert.Equal(404, (await here.SendAsync(HttpMethod.Get, "/api/conversations/export?id=chat-9")).Status);
    }

    [Fact]
    public async Task The_chat_goes_on_with_the_options_that_it_had()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        const string File =
            """
            {"id":"chat-1","messages":[{"id":1,"role":"system","content":"Be brief."},{"id":2,"parent_id":1,"role":"user","content":"Hi"},{"id":3,"parent_id":2,"role":"assistant","content":"Hello!","completion_id":"chatcmpl-1"}],
             "request":{"model":"assistant@3","temperature":0.25,"top_k":7,"max_tokens":64,"of_a_newer_program":true}}
            """;
        Assert.Equal(1, (int)(await gateway.PostAsync("/api/conversations/import", File)).Body["imported"]!);
        JsonNode chat = await gateway.GetJsonAsync("/api/conversations/chat-1");
        Assert.Equal("Be brief.", (string?)chat["messages"]![0]!["content"]);
        Assert.Equal("""{"max_tokens":64,"temperature":0.25,"top_k":7}""", chat["request"]!.ToJsonString()); // version 3 was another server's
        (_, JsonNode report) = await gateway.PostAsync(
            "/api/conversations/import", File.Replace("chat-1", "chat-2", StringComparison.Ordinal).Replace("0.25", "25", StringComparison.Ordinal));
        Assert.Contains("temperature", (string?)report["errors"]![0]!["message"]);
    }

    private const string ChatGpt = """
        [{"id":"c-1","title":"Tildes","create_time":1.7e9,"current_node":"b","mapping":{
          "a":{"id":"a","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["¿Qué es?"]}},"parent":null,"children":["b"]},
          "b":{"id":"b","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["Una tilde."]}},"parent":"a","children":[]}}},
         {"id":"c-2","title":"Empty","current_node":"x","mapping":{"x":{"id":"x","message":null,"parent":null,"children":[]}}}]
        """;

    private const string LmStudio = """
        {"name":"Brief","createdAt":1700000000000,"systemPrompt":"Be brief.","messages":[
          {"versions":[{"role":"user","content":[{"type":"text","text":"¿Qué es?"}]}],"currentlySelected":0},
          {"versions":[{"role":"assistant","steps":[{"type":"contentBlock","content":[{"type":"text","text":"Una tilde."}]}]}],"currentlySelected":0}]}
        """;

    private const string Claude = """
        [{"uuid":"u-1","name":"Marks","created_at":"2023-11-14T22:13:20Z","chat_messages":[
          {"sender":"human","text":"¿Qué es?"},{"sender":"assistant","text":"Una tilde."}]}]
        """;

    [Theory]
    [InlineData(ChatGpt, "ChatGPT", "Tildes", 1)]
    [InlineData(LmStudio, "LM Studio", "Brief", 0)]
    [InlineData(Claude, "Claude", "Marks", 0)]
    public async Task Chats_of_another_program_become_conversations(string file, string program, string title, int bad)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (int status, JsonNode report) = await gateway.PostAsync("/api/conversations/import", file);
        Assert.Equal((200, 1, bad), (status, (int)report["imported"]!, report["errors"]!.AsArray().Count));
        JsonNode summary = (await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Single()!;
        Assert.Equal((title, 1_700_000_000), ((string?)summary["title"], (long)summary["created_at"]!));
        JsonNode reply = (await gateway.GetJsonAsync($"/api/conversations/{summary["id"]}"))["messages"]!.AsArray().Last()!;
        Assert.Equal(("Una tilde.", program), ((string?)reply["content"], (string?)reply["model"]));
    }

    [Fact]
    public async Task A_file_of_chats_may_be_packed_and_comes_once()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        await using (Stream entry = zip.CreateEntry("conversations.json").Open())
            await entry.WriteAsync(Encoding.UTF8.GetBytes(ChatGpt));
        var upload = new { file = "export.zip", base64 = Convert.ToBase64String(packed.ToArray()) };

        Assert.Equal(1, (int)(await gateway.PostAsync("/api/conversations/import", upload)).Body["imported"]!);
        Assert.Equal(1, (int)(await gateway.PostAsync("/api/conversations/import", upload)).Body["duplicates"]!);
        var pdf = new { file = "x.pdf", base64 = Convert.ToBase64String("%PDF-1"u8) };
        (int status, JsonNode refused) = await gateway.PostAsync("/api/conversations/import", pdf);
        Assert.Equal((400, "no_conversations"), (status, (string?)refused["error"]!["code"]));
        Assert.Contains("it is a PDF", (string?)refused["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal(400, (await gateway.PostAsync("/api/conversations/import", new { base64 = "no base64" })).Status);

        (_, JsonNode report) = await gateway.PostAsync("/api/dataset/import", new { upload.file, upload.base64, dry_run = true });
        Assert.Equal(("ChatGPT", 1), ((string?)report["chat_program"], (int)report["accepted"]!));
    }

    [Fact]
    public async Task A_plain_list_of_messages_is_a_conversation_whose_replies_can_be_rated()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (int status, _) = await gateway.PostAsync("/api/conversations/import",
            """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}"""
            + """,{"role":"user","content":"Bye"},{"role":"assistant","content":"Ciao."}]}""");
        Assert.Equal(200, status);
        string id = (string)(await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Single()!["id"]!;
        JsonArray messages = (await gateway.GetJsonAsync($"/api/conversations/{id}"))["messages"]!.AsArray();
        Assert.Equal(["Be brief.", "Hi", "Hello!", "Bye", "Ciao."], messages.Select(m => (string?)m!["content"]));
        Assert.Equal(200, (await gateway.PostAsync("/api/feedback", new { completion_id = (string?)messages[2]!["completion_id"], rating = "up" })).Status);
    }

    [Theory]
    [InlineData("""{"data":3}""")]
    [InlineData("3")]
    [InlineData("nothing")]
    public async Task What_is_no_file_of_conversations_is_refused(string file)
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        Assert.Equal(400, (await gateway.PostAsync("/api/conversations/import", file)).Status);
    }

    [Fact]
    public async Task Bad_conversations_are_named_and_the_good_ones_beside_them_are_taken()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        (int status, JsonNode report) = await gateway.PostAsync("/api/conversations/import",
            """
            [null, 7, {"messages":[null]}, {"messages":[]}, {"messages":[{"role":"root","content":"x"}]}, {"messages":[{"role":"user","content":"only a question"}]},
             {"messages":[{"id":2,"parent_id":1,"role":"user","content":"x"}]}, {"messages":[{"id":1,"role":"user","content":"x"},{"role":"assistant","content":"y"}]},
             {"id":"../../etc","created_at":99999999999999,"messages":[{"id":1,"role":"user","content":"x"},{"id":2,"parent_id":1,"role":"assistant","content":"y","completion_id":"'; DROP TABLE ratings"}]}]
            """);
        Assert.Equal((200, 1, 8), (status, (int)report["imported"]!, report["errors"]!.AsArray().Count));
        Assert.Equal(Enumerable.Range(0, 8), report["errors"]!.AsArray().Select(e => (int)e!["index"]!));
        string id = (string)(await gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Single()!["id"]!;
        Assert.StartsWith("conv_", id);
        Assert.StartsWith("chatcmpl-", (string?)(await gateway.GetJsonAsync($"/api/conversations/{id}"))["messages"]![1]!["completion_id"]);
    }
}
