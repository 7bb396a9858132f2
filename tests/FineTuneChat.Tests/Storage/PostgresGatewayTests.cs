using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Tests.Retrieval;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Storage;

/// <summary>A gateway on PostgreSQL does what one on SQLite does. What there is besides, the other tests show on SQLite.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class PostgresGatewayTests
{
    [PostgresFact]
    public async Task Conversations_are_logged_found_rated_learned_from_and_erased()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, TestGateway.OnPostgres(folder));
        string first = await gateway.LogAsync("¿Cuándo abrís, señor Łódź?", "Mañana a las 9:30, well-known.", "chat-1");
        string again = await gateway.LogAsync("¿Cuándo abrís, señor Łódź?", "Nunca.", "chat-1");
        await gateway.LogAsync("Zebra\0stripes {{", "Black and white.", "chat-2");

        foreach (string words in (string[])["MANANA", "senor", "manan", "well-known", "9:30", "cuándo señor", "łódź"])
            Assert.Equal("chat-1", await FoundAsync(words));
        Assert.Equal("chat-2", await FoundAsync("stripe"));
        Assert.Equal("", await FoundAsync("known-well"));
        Assert.Equal("", await FoundAsync("' | & !:* <->"));

        await gateway.SendAsync(HttpMethod.Patch, "/api/conversations/chat-1", """{"title":"Hours","tags":["b","A"],"pinned":true}""");
        Assert.Equal("chat-1", await FoundAsync("hOUR"));
        Assert.Equal(["A", "b"], (await gateway.GetJsonAsync("/api/conversations/tags"))["data"]!.AsArray().Select(tag => (string?)tag!["tag"]));
        Assert.Single((await gateway.GetJsonAsync("/api/conversations?pinned=true&tag=A"))["data"]!.AsArray());

        Assert.Equal(200, (await gateway.PostAsync("/api/feedback", new { completion_id = again, rating = "down", reasons = new[] { "wrong" } })).Status);
        Assert.Equal(200, (await gateway.PostAsync("/api/feedback", new { completion_id = first, rating = "up" })).Status);
        Assert.Equal(2, (int?)(await gateway.GetJsonAsync("/api/training"))["waiting"]!["examples"]);
        Assert.Single((await gateway.GetJsonAsync("/api/preferences"))["data"]!.AsArray());
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset?q=9:30"))["data"]!.AsArray().Single()!;
        (int changed, _) = await gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example["id"]}", """{"rewordings":[{"text":"¿A qué hora abrís?"}]}""");
        Assert.Equal(200, changed);
        foreach (string name in (string[])["Brief", "bRIEF"]) // names are the same whatever their case
            await gateway.PostAsync("/api/presets", new { name, system = "One word.", request = new { } });
        Assert.Equal("bRIEF", (string?)(await gateway.GetJsonAsync("/api/presets"))["data"]!.AsArray().Single()!["name"]);

        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Delete, "/api/conversations/chat-1")).Status);
        Database database = gateway.Get<Database>();
        Assert.Equal(["stays"], database.Read(c => c.Query<string>(
            """
            SELECT 'stays' FROM messages WHERE conversation_id = 'chat-2' LIMIT 1
            """)));
        foreach (string table in (string[])["examples", "ratings", "preferences", "rewordings"])
            Assert.Equal(0, database.Read(c => c.ExecuteScalar<int>($"SELECT COUNT(*) FROM {table}")));
        using var rows = new MemoryStream();
        foreach (string table in database.SearchedTables)
            using (Stream content = database.OpenTable(table))
                content.CopyTo(rows);
        Assert.Equal(-1, rows.ToArray().AsSpan().IndexOf("well-known"u8));
        Assert.NotEqual(-1, rows.ToArray().AsSpan().IndexOf("Black and white."u8));

        async Task<string> FoundAsync(string words) => string.Join(
            ' ', (await gateway.GetJsonAsync($"/api/conversations?q={Uri.EscapeDataString(words)}"))["data"]!.AsArray().Select(c => (string?)c!["id"]));
    }

    [PostgresFact]
    public async Task Documents_are_read_found_and_removed()
    {
        using var folder = new TemporaryFolder();
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync(folder, TestGateway.OnPostgres(folder));
        await gateway.Get<DocumentIngestion>().StartAsync(default);
        string store = await gateway.CollectAsync(
            ("boiler.md", "# Boiler\n\nThe warranty lasts seven years."), ("cafe.md", "# Café\n\nEl café abre a las nueve."));
        foreach ((string query, string file) in ((string, string)[])
            [("How long is the warranty of the boiler?", "boiler.md"), ("A QUE HORA ABRE EL CAFE", "cafe.md")])
            Assert.Equal(file, (string?)(await gateway.SearchAsync(store, new { query }))[0]!["filename"]);
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Delete, $"/v1/vector_stores/{store}")).Status);
        Assert.Equal(0, gateway.Get<Database>().Read(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM document_chunks")));
        await gateway.Get<DocumentIngestion>().StopAsync(default);
    }

    [PostgresFact]
    public async Task An_empty_database_beside_files_that_another_one_knows_is_refused()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data/runs/run_1"]);
        (string, string)[] settings =
            [("Storage:Provider", StorageProvider.Postgres), ("Storage:ConnectionString", PostgresCluster.NewDatabase(hasSchema: false))];
        string message = (await Assert.ThrowsAsync<UserException>(() => TestGateway.StartWithoutEngineAsync(folder, settings))).Message;
        Assert.Contains("database migrate --to postgres", message);
    }
}
