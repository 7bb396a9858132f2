using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Gateway.Storage.Transfer;
using FineTuneChat.Protocol;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

[Trait(Tier.Name, Tier.Slow)]
public sealed class DatabaseCopyTests
{
    [PostgresFact]
    public async Task A_database_moves_to_postgres_and_back_and_nothing_of_it_changes()
    {
        using var folder = new TemporaryFolder();
        string reply;
        JsonNode conversations, examples;
        await using (TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, ("Storage:Provider", StorageProvider.Sqlite)))
        {
            await gateway.LogAsync("¿Cuándo abrís?", "Mañana.", "chat-1");
            reply = await gateway.LogAsync("More?", "Yes.", "chat-1", "stop", ("user", "¿Cuándo abrís?"), ("assistant", "Mañana."));
            await gateway.PostAsync("/api/feedback", new { completion_id = reply, rating = "down", correction = "Yes, of course." });
            await gateway.PostAsync("/api/presets", new { name = "Brief", system = "One word.", request = new { } });
            conversations = await gateway.GetJsonAsync("/api/conversations/chat-1");
            examples = await gateway.GetJsonAsync("/api/dataset");
            Assert.Single(examples["data"]!.AsArray());
        }

        string connection = PostgresCluster.NewDatabase();
        await using (var sqlite = new SqliteDatabase(folder["data/finetunechat.db"]))
        await using (var postgres = new PostgresDatabase(connection))
        {
            var tables = new List<string>();
            Assert.True(await new DatabaseCopy(sqlite, postgres, tables.Add).RunAsync() > 8);
            Assert.Contains("messages", tables);
            var full = await Assert.ThrowsAsync<UserException>(() => new DatabaseCopy(sqlite, postgres, _ => { }).RunAsync());
            Assert.Contains("not empty", full.Message);

            await using var back = new SqliteDatabase(folder["back.db"]);
            await new DatabaseCopy(postgres, back, _ => { }).RunAsync(); // compares
            Assert.Empty(await back.CheckAsync());
        }

        await using TestGateway moved = await TestGateway.StartWithoutEngineAsync(
            folder, ("Storage:Provider", StorageProvider.Postgres), ("Storage:ConnectionString", connection));
        Assert.True(JsonNode.DeepEquals(conversations, await moved.GetJsonAsync("/api/conversations/chat-1")));
        Assert.True(JsonNode.DeepEquals(examples, await moved.GetJsonAsync("/api/dataset")));
        Assert.Equal("chat-1", (string?)(await moved.GetJsonAsync("/api/conversations?q=manan"))["data"]!.AsArray().Single()!["id"]);
        await moved.LogAsync("And then?", "Then too.", "chat-1"); // numbers go on from the copied ones
        Assert.Equal(200, (await moved.PostAsync("/api/feedback", new { completion_id = reply, rating = "up" })).Status);
    }

    [PostgresFact]
    public async Task A_row_that_cannot_be_copied_leaves_the_target_empty()
    {
        using var folder = new TemporaryFolder();
        await using var sqlite = new SqliteDatabase(folder["a.db"]);
        await using var postgres = new PostgresDatabase(PostgresCluster.NewDatabase());
        await sqlite.WriteAsync(c => c.Execute("INSERT INTO api_keys (id, name, hash, scopes, created_at) VALUES ('k', 'n', x'00', '[]', 1)"));
        await sqlite.WriteAsync(c => c.Execute("INSERT INTO assistants (name, system) VALUES ('a', @text)", new { text = "one\0two" }));
        var error = await Assert.ThrowsAsync<UserException>(() => new DatabaseCopy(sqlite, postgres, _ => { }).RunAsync());
        Assert.Contains("system of assistants", error.Message);
        Assert.Equal(0, postgres.Read(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM api_keys")));
    }
}
