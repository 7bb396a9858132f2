using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Datasets;
using FineTuneChat.Datasets.Tests.Tables;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retraining;

/// <summary>Imports end when the client has left, let chats be written in between, and are bounded in what they make of a file.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ImportLimitTests
{
    [Fact]
    public async Task An_import_whose_client_leaves_adds_nothing()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        using var left = new CancellationTokenSource();
        using var body = new StringContent(JsonSerializer.Serialize(new { text = Text(20_000) }), Encoding.UTF8, "application/json");
        Task<HttpResponseMessage> request = gateway.Client.PostAsync("/api/dataset/import", body, left.Token);
        await Eventually.TrueAsync(() => Task.FromResult(Count(gateway) > 0));
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.TrueAsync(() => Task.FromResult(Count(gateway) == 0)); // what was written is taken back
        Assert.Empty((await gateway.GetJsonAsync("/api/dataset/imports"))["data"]!.AsArray());

        (_, JsonNode again) = await gateway.PostAsync("/api/dataset/import", new { text = Text(10) });
        Assert.Equal(10, (int)again["accepted"]!); // its turn was given back
    }

    [Fact]
    public async Task Chats_are_logged_while_many_rows_come_in()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        await gateway.PostAsync("/api/dataset/import", new { text = Text(2_000) });
        Task<(ImportReport Report, ImportedRows Rows)> import = Task.Run(() =>
            gateway.Get<ExampleImport>().RunAsync(AssistantNames.Default, new DatasetSource(Rows(20_000), "many.jsonl"), isDryRun: false, default));
        var seen = new List<int>();
        while (!import.IsCompleted)
        {
            await gateway.LogAsync("Hi", "Hello"); // waits for its turn among the batches
            seen.Add(Count(gateway));
        }
        ImportReport report = (await import).Report;
        Assert.Equal((18_000, 2_000), (report.Accepted, report.Duplicates));
        Assert.Contains(seen, count => count is > 2_000 and < 20_000); // in the middle of it
        Assert.Equal(20_000, Count(gateway));
    }

    [Fact]
    public async Task Who_leaves_ends_the_import_of_chats_between_two_of_them()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string chats = JsonSerializer.Serialize(Enumerable.Range(0, 20_000).Select(i => new
        {
            id = $"chat-{i}",
            messages = new[] { new { role = "user", content = $"{i}?" }, new { role = "assistant", content = $"{i}!" } },
        }));
        using var left = new CancellationTokenSource();
        using var body = new StringContent(chats, Encoding.UTF8, "application/json");
        Task<HttpResponseMessage> request = gateway.Client.PostAsync("/api/conversations/import", body, left.Token);
        await Eventually.TrueAsync(() => Task.FromResult(Chats(gateway) > 10));
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);

        // Its end is seen by what does not come: a chat that is written after ten that were is the last write, unless the import goes on.
        int before = -1;
        await Eventually.TrueAsync(async () =>
        {
            int now = Chats(gateway);
            await gateway.LogAsync("Hi", "Hello", conversation: "mine");
            (bool stands, before) = (now == before, now);
            return stands;
        });
        Assert.InRange(Chats(gateway), 10, 19_999);
    }

    [Fact]
    public void What_examples_repeat_counts()
    {
        string turns = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"x"},{"role":"assistant","content":"y"}""", 400));
        var file = new MemoryStream(Encoding.UTF8.GetBytes($"{{\"messages\":[{turns}]}}"));
        Assert.Equal(400, DatasetImport.Read(new DatasetSource(file, "a.jsonl")).Examples.Count);
        file.Position = 0;
        var limits = new DatasetLimits { ExampleCharacters = 1_000_000 };
        string reason = Assert.Throws<InvalidDataException>(() => DatasetImport.Read(new DatasetSource(file, "a.jsonl"), limits)).Message;
        Assert.Contains("Line 1", reason);
        Assert.Contains("1,000,000 characters", reason);
    }

    [Fact]
    public async Task A_chat_of_a_thousand_replies_is_read_and_its_ratings_are_bounded()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        object[] messages =
        [
            .. Enumerable.Range(0, 2_000).Select(i => new
            {
                id = i + 1,
                parent_id = i == 0 ? (int?)null : i,
                role = i % 2 == 0 ? "user" : "assistant",
                content = $"{i}",
                completion_id = i % 2 == 0 ? null : $"chatcmpl-long-{i}",
                rating = i % 2 == 0 ? null : new { rating = "up" },
            }),
        ];
        (int status, JsonNode rated) = await gateway.PostAsync("/api/conversations/import?ratings=true", new { id = "long", messages });
        Assert.Equal((200, 0), (status, (int)rated["imported"]!));
        Assert.Contains("16,000,000", (string?)rated["errors"]![0]!["message"]);

        (_, JsonNode report) = await gateway.PostAsync("/api/conversations/import", new { id = "long", messages });
        Assert.Equal((1, 1_000), ((int)report["imported"]!, (int)report["replies"]!));
        JsonArray read = (await gateway.GetJsonAsync("/api/conversations/long"))["messages"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => $"{i}"), read.Select(m => (string?)m!["content"]));
        Assert.Equal(2_000, gateway.Get<Database>().Read(c => Dapper.SqlMapper.ExecuteScalar<int>(c, "SELECT COUNT(*) FROM messages")));
    }

    [Fact]
    public async Task A_sparse_sheet_is_refused_with_what_to_do()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        byte[] book = new WorkbookBuilder().Sheet($"<row r=\"1048576\">{WorkbookBuilder.Cell("XFD1048576", "x")}</row>").Build();
        (int status, JsonNode answer) = await gateway.PostAsync("/api/dataset/import", new { file = "far.xlsx", base64 = Convert.ToBase64String(book) });
        Assert.Equal(400, status);
        Assert.Contains("column 16,384; at most 1,000 columns", (string?)answer["error"]!["message"]);
    }

    private static int Count(TestGateway gateway) =>
        gateway.Get<Database>().Read(c => Dapper.SqlMapper.ExecuteScalar<int>(c, "SELECT COUNT(*) FROM examples"));

    private static int Chats(TestGateway gateway) =>
        gateway.Get<Database>().Read(c => Dapper.SqlMapper.ExecuteScalar<int>(c, "SELECT COUNT(*) FROM conversations WHERE id LIKE 'chat-%'"));

    private static MemoryStream Rows(int count) => new(Encoding.UTF8.GetBytes(Text(count)));

    private static string Text(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"{{\"prompt\":\"What is {i}?\",\"completion\":\"It is {i}.\"}}\n"));
}
