using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Tests.Storage;

/// <summary>Databases of every older program are brought to the newest schema with all that is in them.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class MigrationTests
{
    // Statements that every schema since the first understands.
    private const string Content =
        """
        INSERT INTO assistants (name) VALUES ('assistant');
        INSERT INTO conversations (id, assistant, title, created_at, updated_at) VALUES ('chat-1', 'assistant', 'Hours', 1000, 2000);
        INSERT INTO messages (id, conversation_id, parent_id, path_hash, message, created_at)
            VALUES (1, 'chat-1', NULL, x'01', '{"role":"user","content":"¿Cuándo abrís?"}', 1000), (2, 'chat-1', 1, x'02', '{"role":"assistant","content":"Mañana."}', 2000);
        INSERT INTO exchanges (completion_id, conversation_id, assistant, model, version, prompt_id, reply_id, request, finish_reason, duration_ms, created_at)
            VALUES ('chatcmpl-1', 'chat-1', 'assistant', 'assistant@0', 0, 1, 2, '{"model":"assistant","metadata":{"team":"blue"}}', 'stop', 5, 2000);
        INSERT INTO ratings (completion_id, assistant, rating, created_at) VALUES ('chatcmpl-1', 'assistant', 'up', 3000);
        INSERT INTO examples (id, assistant, completion_id, conversation_id, status, source, split, messages, created_at, updated_at)
            VALUES ('ex_1', 'assistant', 'chatcmpl-1', 'chat-1', 'accepted', 'rating', 'train', '[{"role":"user","content":"¿Cuándo abrís?"},{"role":"assistant","content":"Mañana."}]', 3000, 3000);
        INSERT INTO runs (id, assistant, status, options, version, created_at, finished_at) VALUES ('run_1', 'assistant', 'succeeded', '{}', 1, 4000, 5000);
        INSERT INTO run_examples (run_id, example_id, split, example_at) VALUES ('run_1', 'ex_1', 'train', 3000);
        """;

    public static TheoryData<int> Older => [.. Enumerable.Range(1, SqliteSchema.Newest - 1)];

    [Theory]
    [MemberData(nameof(Older))]
    public async Task A_database_of_an_older_schema_keeps_what_is_in_it(int schema)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        Write(folder["data/finetunechat.db"], schema);

        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder);
        Assert.Equal(SqliteSchema.Newest, gateway.Get<Database>().Read(c => c.ExecuteScalar<int>("PRAGMA user_version")));
        Assert.Empty(await gateway.Get<Database>().CheckAsync());
        Assert.Equal("chat-1", (string?)(await gateway.GetJsonAsync("/api/conversations?q=manana"))["data"]!.AsArray().Single()!["id"]);
        Assert.Equal("up", (string?)(await gateway.GetJsonAsync("/api/conversations/chat-1"))["messages"]![1]!["rating"]!["rating"]);
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!;
        Assert.Equal(("accepted", "run_1"), ((string?)example["status"], (string?)example["runs"]![0]));
        Assert.Equal("blue", (string?)(await gateway.GetJsonAsync("/v1/chat/completions/chatcmpl-1"))["metadata"]!["team"]);
        Assert.Equal("run_1", (string?)(await gateway.GetJsonAsync("/api/training"))["runs"]![0]!["id"]);

        Assert.Equal(schema >= 8 ? ["Brief"] : [], (await gateway.GetJsonAsync("/api/presets"))["data"]!.AsArray().Select(p => (string?)p!["name"]));

        JsonNode assistant = (await gateway.GetJsonAsync("/api/assistants"))["data"]!.AsArray().Single()!; // what there was is the first one's
        Assert.Equal(("assistant", "random", 1), ((string?)assistant["id"], (string?)assistant["base"], (int?)assistant["learning"]!["examples"]));

        // And it goes on from there.
        await gateway.LogAsync("More?", "Yes.", "chat-1");
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1")).Status);
    }

    private static void Write(string file, int schema)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False;Foreign Keys=True");
        connection.Open();
        connection.Execute("PRAGMA journal_mode = WAL");
        SqliteSchema.Apply(connection, schema);
        connection.Execute(Content);
        if (schema >= 4) // it has a column of its own since
            connection.Execute("UPDATE exchanges SET metadata = json_extract(request, '$.metadata')");
        if (schema >= 8)
            connection.Execute("INSERT INTO presets (id, name, system, request, updated_at) VALUES ('preset_1', 'Brief', 'One word.', '{}', 1000)");
    }
}
