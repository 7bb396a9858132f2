using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Assistants;

/// <summary>Two assistants that were told opposite things: nothing of one ever reaches the other. One gateway for all, without an engine.</summary>
public sealed class AssistantIsolationTests : IAsyncLifetime
{
    private const string Question = "When does the shop open?", Day = "It opens at nine.", Night = "It opens at midnight.", NotTaught = "I do not know.";

    private readonly TemporaryFolder _folder = new();
    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _gateway = await TestGateway.StartWithoutEngineAsync(_folder);
        await _gateway.Versions.OpenAsync(); // the router would
        foreach (string id in (string[])["day", "night"])
        {
            var settings = new { id, name = $"The {id}", system = $"It is {id}.", request = new { temperature = 0.5 } };
            Assert.Equal(200, (await _gateway.PostAsync("/api/assistants", settings)).Status);
        }
        await TeachAsync("day", Day);
        await TeachAsync("night", Night);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_has_its_own_settings_and_counts()
    {
        JsonArray all = (await _gateway.GetJsonAsync("/api/assistants"))["data"]!.AsArray();
        Assert.Equal(["assistant", "day", "night"], all.Select(a => (string?)a!["id"]));
        JsonNode day = await _gateway.GetJsonAsync("/api/assistants/day");
        Assert.Equal(("The day", "T", "random", "It is day.", 0.5), (
            (string?)day["name"], (string?)day["avatar"], (string?)day["base"], (string?)day["system"], (double)day["request"]!["temperature"]!));
        Assert.Equal((0, 1, 1, false), (
            (int)day["learning"]!["version"]!, (int)day["learning"]!["examples"]!, (int)day["learning"]!["new"]!, (bool)day["learning"]!["automatic"]!));
        Assert.Equal(0, (int)all[0]!["learning"]!["examples"]!);
        Assert.Equal(
            ["assistant", "assistant@0", "day", "day@0", "night", "night@0", "random"],
            (await _gateway.GetJsonAsync("/v1/models"))["data"]!.AsArray().Select(m => (string?)m!["id"]));
    }

    [Fact]
    public async Task Opposite_answers_never_mix()
    {
        string day = await _gateway.Client.GetStringAsync("/api/dataset/export?assistant=day");
        string night = await _gateway.Client.GetStringAsync("/api/dataset/export?assistant=night");
        Assert.Equal((true, false, true, false), (day.Contains(Day), day.Contains(Night), night.Contains(Night), night.Contains(Day)));
        Assert.Equal("", await _gateway.Client.GetStringAsync("/api/dataset/export"));
        Assert.Empty((await _gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
        Assert.Equal(0, (int)(await _gateway.GetJsonAsync("/api/training?assistant=night"))["waiting"]!["contradictions"]!);

        Assert.Equal([Day], await RecalledAsync("day"));
        Assert.Equal([Night], await RecalledAsync("night"));
        Assert.Empty(await RecalledAsync("assistant"));
        Assert.Equal("c-day", (string?)(await _gateway.GetJsonAsync("/api/conversations?assistant=day"))["data"]!.AsArray().Single()!["id"]);
    }

    [Fact]
    public async Task Histories_that_begin_alike_stay_apart()
    {
        // No conversation is named: it is recognised by its leading messages, among those with the same assistant.
        foreach (string assistant in (string[])["day", "night"])
        {
            await LogAsync(assistant, "More?", "No.", null, ("user", Question), ("assistant", NotTaught));
            Assert.Single((await _gateway.GetJsonAsync($"/api/conversations?assistant={assistant}"))["data"]!.AsArray());
            Assert.Equal(4, (await _gateway.GetJsonAsync($"/api/conversations/c-{assistant}"))["messages"]!.AsArray().Count);
        }
        await LogAsync("assistant", "More?", "No.", null, ("user", Question), ("assistant", NotTaught));
        Assert.Equal(3, (await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task Each_has_one_run_and_they_wait_for_each_other()
    {
        JsonNode first = await StartAsync("day", 200), second = await StartAsync("night", 200);
        TestGateway.AssertOpenAiError(await StartAsync("day", 409), "training_in_progress");
        Assert.Equal("night", (string?)second["assistant"]);
        Assert.Equal((string?)first["id"], (string?)(await _gateway.GetJsonAsync("/api/training?assistant=day"))["run"]!["id"]);
        Assert.Null((await _gateway.GetJsonAsync("/api/training"))["run"]);

        // What waits is cancelled at once; the other one keeps its place.
        Assert.Equal(200, (await _gateway.PostAsync("/api/training/cancel?assistant=night", new { })).Status);
        await Eventually.TrueAsync(() => _gateway.Get<RunStore>().Find((string)second["id"]!) is { Status: RunStatus.Cancelled, FinishedAt: not null });
        Assert.NotNull(_gateway.Get<RetrainingWorker>().Of("day"));
        Assert.Single((await _gateway.GetJsonAsync("/api/training/runs?assistant=night"))["data"]!.AsArray());
    }

    [Fact]
    public async Task Deleting_one_erases_all_of_it_and_nothing_of_the_other()
    {
        await StartAsync("night", 200);
        string run = _gateway.Get<RetrainingWorker>().Of("night")!.Id;
        var data = _gateway.Get<DataFolder>();
        Directory.CreateDirectory(data.Run(run));
        await File.WriteAllTextAsync(Path.Combine(data.Run(run), "dataset.jsonl"), Night);
        Directory.CreateDirectory(data.VersionsOf("night"));
        await File.WriteAllTextAsync(Path.Combine(data.VersionsOf("night"), "adapter.gguf"), Night);

        (int status, JsonNode erased) = await _gateway.SendAsync(HttpMethod.Delete, "/api/assistants/night");
        Assert.Equal((200, true, 1, 1, 1), (status, (bool)erased["deleted"]!, (int)erased["conversations"]!, (int)erased["examples"]!, (int)erased["runs"]!));
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, "/api/training?assistant=night")).Status);
        Assert.Equal(404, (await _gateway.ChatAsync("Hi", "night")).Status);

        var database = _gateway.Get<Database>();
        string[] tables = ["conversations", "exchanges", "ratings", "examples", "runs", "versions"];
        foreach (string table in tables)
            Assert.Equal((table, 0), (table, database.Read(c => c.ExecuteScalar<int>($"SELECT COUNT(*) FROM {table} WHERE assistant = 'night'"))));
        Assert.False(Directory.Exists(data.Run(run)) || Directory.Exists(data.Assistant("night")));
        byte[] needle = Encoding.UTF8.GetBytes(Night);
        IEnumerable<string> files = Directory.EnumerateFiles(data.Root, "*", SearchOption.AllDirectories);
        foreach (string file in files.Where(f => Path.GetFileName(f) is not ("lock" or "finetunechat.db-shm")))
            Assert.True(Bytes(file, database, data).AsSpan().IndexOf(needle) < 0, file);
        Assert.Empty(await database.CheckAsync());

        Assert.Contains(Day, await _gateway.Client.GetStringAsync("/api/dataset/export?assistant=day"));
        Assert.Equal([Day], await RecalledAsync("day"));
        Assert.Single((await _gateway.GetJsonAsync("/api/conversations"))["data"]!.AsArray());
        TestGateway.AssertOpenAiError((await _gateway.SendAsync(HttpMethod.Delete, "/api/assistants/assistant")).Body, "first_assistant");
    }

    [Fact]
    public async Task A_copy_and_an_import_begin_with_settings_and_examples()
    {
        (int status, JsonNode copy) = await _gateway.PostAsync("/api/assistants", new { id = "noon", from = "day", name = "Noon" });
        Assert.Equal((200, "Noon", "It is day.", 1), (status, (string?)copy["name"], (string?)copy["system"], (int)copy["learning"]!["examples"]!));

        byte[] file = await _gateway.Client.GetByteArrayAsync("/api/assistants/day/export");
        using (var zip = new ZipArchive(new MemoryStream(file)))
            Assert.Equal(["assistant.json", "dataset.jsonl"], zip.Entries.Select(e => e.FullName));
        (status, JsonNode made) = await ImportAsync(file, "again");
        Assert.Equal((200, "again", "The day", 0.5, 1), (
            status, (string?)made["id"], (string?)made["name"], (double)made["request"]!["temperature"]!, (int)made["learning"]!["examples"]!));
        Assert.Contains(Day, await _gateway.Client.GetStringAsync("/api/dataset/export?assistant=again"));
        TestGateway.AssertOpenAiError((await ImportAsync(file, null)).Body, "assistant_exists");
    }

    [Fact]
    public async Task A_modelfile_is_an_assistant()
    {
        const string Modelfile =
            "FROM random\nPARAMETER temperature 0.3\nPARAMETER num_predict 7\nPARAMETER stop \"X\"\nSYSTEM \"\"\"You are Mario.\nBe short.\"\"\"\n";
        (int status, JsonNode made) = await ImportAsync(Encoding.UTF8.GetBytes(Modelfile), "mario");
        Assert.Equal((200, "random", "You are Mario.\nBe short.", 0.3, 7, "X"), (
            status, (string?)made["base"], (string?)made["system"], (double)made["request"]!["temperature"]!, (int)made["request"]!["max_completion_tokens"]!,
            (string?)made["request"]!["stop"]![0]));
        (status, JsonNode refused) = await ImportAsync(Encoding.UTF8.GetBytes("FROM random\nTEMPLATE x"), "other");
        Assert.Equal((400, true), (status, ((string?)refused["error"]!["message"])!.Contains("TEMPLATE")));
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, "/api/assistants/other")).Status);
        Assert.Equal(400, (await ImportAsync([0x50, 0x4B, 1, 2, 3], "broken")).Status);
    }

    [Theory]
    [InlineData("""{"id":"A b"}""", 400, "id")]
    [InlineData("""{"id":"../x"}""", 400, "id")]
    [InlineData("""{"name":"No id"}""", 400, "id")]
    [InlineData("""{"id":"random"}""", 409, null)] // a local model's name
    [InlineData("""{"id":"day"}""", 409, null)]
    [InlineData("""{"id":"new-one","base":"nowhere"}""", 400, "base")]
    [InlineData("""{"id":"new-one","avatar":"AB"}""", 400, "avatar")]
    [InlineData("""{"id":"new-one","request":{"messages":[]}}""", 400, "request")]
    [InlineData("""{"id":"new-one","request":{"temperature":9}}""", 400, "temperature")]
    [InlineData("""{"id":"new-one","vector_store_ids":["vs_1"]}""", 400, "vector_store_ids")]
    [InlineData("""{"id":"new-one","colour":"red"}""", 400, "colour")]
    [InlineData("""{"id":"new-one","from":"nobody"}""", 404, null)]
    public async Task What_cannot_be_an_assistant_is_refused_with_the_reason(string body, int status, string? param)
    {
        (int answered, JsonNode error) = await _gateway.SendAsync(HttpMethod.Post, "/api/assistants", body);
        Assert.Equal((status, param), (answered, (string?)error["error"]!["param"]));
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Get, "/api/assistants/new-one")).Status);
    }

    [Fact]
    public async Task Changes_stay_and_the_first_ones_base_is_the_servers()
    {
        (int status, JsonNode changed) = await _gateway.SendAsync(
            HttpMethod.Patch, "/api/assistants/assistant", new { name = "Ana", avatar = "★", learning = new { automatic = true } });
        Assert.Equal((200, "Ana", "★", true), (status, (string?)changed["name"], (string?)changed["avatar"], (bool)changed["learning"]!["automatic"]!));
        Assert.False((bool)(await _gateway.GetJsonAsync("/api/assistants/day"))["learning"]!["automatic"]!);
        Assert.Equal(409, (await _gateway.SendAsync(HttpMethod.Patch, "/api/assistants/assistant", new { @base = "another" })).Status);
        Assert.Equal(400, (await _gateway.SendAsync(HttpMethod.Patch, "/api/assistants/day", new { id = "dawn" })).Status);
        await _gateway.DisposeAsync();
        _gateway = await TestGateway.StartWithoutEngineAsync(_folder);
        Assert.Equal(["Ana", "The day", "The night"], (await _gateway.GetJsonAsync("/api/assistants"))["data"]!.AsArray().Select(a => (string?)a!["name"]));
    }

    [Fact]
    public async Task A_key_of_one_never_sees_the_other()
    {
        await _gateway.Get<ApiKeyStore>().CreateAsync("owner", ["admin"]);
        string key = (await _gateway.Get<ApiKeyStore>().CreateAsync("limited", ["chat", "rate", "train"], ["day"])).Key!;
        Assert.Equal(400, (await _gateway.PostAsync("/api/keys", new { name = "x", scopes = new[] { "admin" }, assistants = new[] { "day" } })).Status);
        Assert.Equal(400, (await _gateway.PostAsync("/api/keys", new { name = "x", scopes = new[] { "chat" }, assistants = new[] { "nobody" } })).Status);
        string example = (string)(await _gateway.GetJsonAsync("/api/dataset?assistant=night"))["data"]![0]!["id"]!;
        string run = (string)(await StartAsync("night", 200))["id"]!;
        await _gateway.DisposeAsync();
        _gateway = await TestGateway.StartWithoutEngineAsync(_folder, ("Security:RequireKey", "true"));
        _gateway.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);

        Assert.Equal(["day"], (await _gateway.GetJsonAsync("/api/assistants"))["data"]!.AsArray().Select(a => (string?)a!["id"]));
        Assert.Equal(["day", "day@0"], (await _gateway.GetJsonAsync("/v1/models"))["data"]!.AsArray().Select(m => (string?)m!["id"]));
        Assert.Equal(["day:latest", "day@0:latest"], (await _gateway.GetJsonAsync("/api/tags"))["models"]!.AsArray().Select(m => (string?)m!["name"]));
        Assert.DoesNotContain("night", (await _gateway.GetJsonAsync("/api/v0/models")).ToJsonString());
        string[] hidden =
        [
            "/api/assistants/night", "/api/assistants/assistant", "/v1/models/night", "/v1/models/random",
            "/api/training?assistant=night", "/api/training?assistant=assistant",
            "/api/dataset?assistant=night", "/api/dataset/export?assistant=night", "/api/versions?assistant=night", "/api/versions/0/file?assistant=night",
            $"/api/training/runs/{run}", "/api/erasures?assistant=night", "/api/preferences?assistant=night", "/api/conversations/c-night",
        ];
        foreach (string path in hidden)
            Assert.Equal((path, 404), (path, (await _gateway.SendAsync(HttpMethod.Get, path)).Status));
        Assert.Equal(404, (await _gateway.SendAsync(HttpMethod.Patch, $"/api/dataset/{example}", new { status = "excluded" })).Status);
        foreach (string model in (string[])["night", "night@0", "assistant", "random", "random.gguf"])
            TestGateway.AssertOpenAiError((await _gateway.ChatAsync("Hi", model)).Body, "model_not_found");
        Assert.Contains(Day, (await _gateway.GetJsonAsync("/api/dataset")).ToJsonString()); // without a name, its own
        Assert.Equal(403, (await _gateway.SendAsync(HttpMethod.Delete, "/api/assistants/day")).Status);
    }

    private async Task<string[]> RecalledAsync(string assistant)
    {
        Assistant asked = _gateway.Get<AssistantRegistry>().Find(assistant)!;
        var request = new ChatCompletionRequest { Model = assistant, Messages = [new() { Role = "user", Content = Question }] };
        Recalled recalled = await _gateway.Get<IRecall>().ForAsync(
            request, Caller.Local, asked.Versions.Specification(asked.Versions.Active()), CancellationToken.None);
        return [.. recalled.Turns.Where(turn => turn.Role == "assistant").Select(turn => turn.Content!)];
    }

    private async Task TeachAsync(string assistant, string answer)
    {
        string id = await LogAsync(assistant, Question, NotTaught, $"c-{assistant}");
        Assert.Equal(200, (await _gateway.PostAsync("/api/feedback", new { completion_id = id, rating = "down", correction = answer })).Status);
    }

    private async Task<string> LogAsync(string assistant, string question, string answer, string? conversation, params (string Role, string Content)[] history)
    {
        string id = $"chatcmpl-{Guid.NewGuid():N}";
        await _gateway.Get<ExchangeLog>().WriteAsync(
            Exchanges.Of(id, [.. history, ("user", question)], answer, conversation) with { Assistant = assistant, Model = $"{assistant}@0" });
        return id;
    }

    private async Task<JsonNode> StartAsync(string assistant, int status)
    {
        (int answered, JsonNode body) = await _gateway.PostAsync($"/api/training/start?assistant={assistant}", new { });
        Assert.Equal((status, body.ToJsonString()), (answered, body.ToJsonString()));
        return body;
    }

    private async Task<(int Status, JsonNode Body)> ImportAsync(byte[] file, string? id)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(file), "file", "file" } };
        if (id is not null)
            form.Add(new StringContent(id), "id");
        using HttpResponseMessage response = await _gateway.Client.PostAsync("/api/assistants/import", form);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static byte[] Bytes(string file, Database database, DataFolder data)
    {
        if (file != data.Database)
            return File.ReadAllBytes(file);
        byte[] bytes = new byte[new FileInfo(file).Length];
        RandomAccess.Read(database.FileBytes!, bytes, 0); // closing another handle of it would end SQLite's locks
        return bytes;
    }
}
