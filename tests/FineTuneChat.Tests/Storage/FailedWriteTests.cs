using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

/// <summary>
/// A disk that is full, or a database that cannot be written, found out by the write itself: whoever asked is told, and nothing that was acknowledged is
/// lost. SQLite is told to take no more pages, or to change nothing: what it then answers is what it answers on such a disk.
/// </summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class FailedWriteTests
{
    private static readonly string Long = new('x', 20_000); // more than the last pages still hold
    private static readonly Dictionary<string, string> LongMetadata = Enumerable.Range(0, 16).ToDictionary(i => $"key{i}", _ => new string('x', 512));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_that_cannot_be_logged_says_so_and_is_never_given_out_as_a_good_one(bool isStreamed)
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync();
        string before = Completion(await CompleteAsync(gateway, isStreamed));
        await FillAsync(gateway);
        (int status, string answer) = await CompleteAsync(gateway, isStreamed);
        Assert.Equal(isStreamed ? 200 : 507, status);
        Assert.DoesNotContain("[DONE]", answer, StringComparison.Ordinal);
        JsonNode error = JsonNode.Parse(isStreamed ? answer.Split("data: ")[^1] : answer)!;
        TestGateway.AssertOpenAiError(error, "storage_full");
        Assert.Contains("could not be stored", (string)error["error"]!["message"]!, StringComparison.Ordinal);

        // With room again it goes on, with everything that was acknowledged and nothing else.
        await gateway.Get<Database>().WriteAsync(c => c.Execute("PRAGMA max_page_count = 100000"));
        string after = Completion(await CompleteAsync(gateway, isStreamed));
        Assert.Equal([before, after], (await gateway.GetJsonAsync("/v1/chat/completions"))["data"]!.AsArray().Select(c => (string)c!["id"]!));
    }

    public static TheoryData<string, string> Writes => new()
    {
        { "POST /api/feedback", """{"completion_id":"COMPLETION","rating":"down","correction":"LONG"}""" },
        { "POST /v1/chat/completions/COMPLETION", """{"metadata":METADATA}""" },
        { "POST /api/presets", """{"name":"p","system":"LONG"}""" },
        { "POST /api/conversations/import", """{"messages":[{"role":"user","content":"LONG"},{"role":"assistant","content":"y"}]}""" },
        { "POST /api/dataset/import", """{"file":"a.jsonl","text":"{\"prompt\":\"x\",\"completion\":\"LONG\"}"}""" },
    };

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Every_other_write_that_fails_says_why_and_keeps_what_was_acknowledged(string route, string body)
    {
        using var folder = new TemporaryFolder();
        JsonNode kept;
        await using (TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder))
        {
            string completion = await gateway.LogAsync("Hi", "Hello!", "chat-1");
            await gateway.PostAsync("/api/feedback", new { completion_id = completion, rating = "up" });
            kept = await gateway.GetJsonAsync("/api/conversations/chat-1");
            string metadata = JsonSerializer.Serialize(LongMetadata);
            (string path, body) = (route.Replace("COMPLETION", completion, StringComparison.Ordinal)["POST ".Length..],
                body.Replace("COMPLETION", completion, StringComparison.Ordinal)
                    .Replace("METADATA", metadata, StringComparison.Ordinal)
                    .Replace("LONG", Long, StringComparison.Ordinal));

            await FillAsync(gateway);
            await AssertFailsAsync(507, "storage_full", "full");
            await gateway.Get<Database>().WriteAsync(c => c.Execute("PRAGMA query_only = ON"));
            await AssertFailsAsync(500, "storage_read_only", "cannot be written");

            async Task AssertFailsAsync(int expected, string code, string words)
            {
                (int status, JsonNode error) = await gateway.PostAsync(path, body);
                Assert.Equal(expected, status);
                TestGateway.AssertOpenAiError(error, code);
                Assert.Contains(words, (string)error["error"]!["message"]!, StringComparison.Ordinal);
                Assert.Contains("finetunechat.db", (string)error["error"]!["message"]!, StringComparison.Ordinal);
            }
        }
        await using TestGateway again = await TestGateway.StartWithoutEngineAsync(folder);
        Assert.Equal(kept.ToJsonString(), (await again.GetJsonAsync("/api/conversations/chat-1")).ToJsonString());
        Assert.Single((await again.GetJsonAsync("/api/conversations"))["data"]!.AsArray());
    }

    /// <summary>No more pages, and those that are free are used up.</summary>
    private static async Task FillAsync(TestGateway gateway)
    {
        Database database = gateway.Get<Database>();
        await database.WriteAsync(c => c.Execute("PRAGMA max_page_count = 1")); // as many as there are
        await Assert.ThrowsAsync<OpenAiException>(async () =>
        {
            while (true)
                await database.WriteAsync(c => c.Execute("INSERT INTO assistants (name) VALUES (hex(randomblob(2000)))"));
        });
    }

    private static async Task<(int Status, string Answer)> CompleteAsync(TestGateway gateway, bool isStreamed)
    {
        using HttpResponseMessage response = await gateway.Client.PostAsJsonAsync("/v1/chat/completions", new
        {
            model = "assistant",
            messages = new[] { new { role = "user", content = "Hi" } },
            max_tokens = isStreamed ? 300 : 4, // more than the gateway passes on at once
            ignore_eos = true,
            stream = isStreamed,
            metadata = LongMetadata,
        });
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Completion((int Status, string Answer) reply)
    {
        Assert.Equal(200, reply.Status);
        string json = reply.Answer.StartsWith("data: ", StringComparison.Ordinal) ? reply.Answer["data: ".Length..].Split('\n')[0] : reply.Answer;
        return (string)JsonNode.Parse(json)!["id"]!;
    }
}
