using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents.Stores;
using FineTuneChat.Gateway.Learning.Erasure;
using FineTuneChat.Gateway.Learning.Synthesis;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retrieval;

/// <summary><c>/api/synthesis</c> with a teacher that the test plays: rows are checked, looked at, imported, and go with their documents.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SynthesisTests : IAsyncDisposable
{
    private const string Boiler = "The boiler Nortaria has a guarantee of seven years.", Garden = "Tulips are planted in October, twelve centimetres deep.";
    private readonly TemporaryFolder _folder = new();
    private StubTeacher? _teacher;
    private TestGateway? _gateway;

    private TestGateway Gateway => _gateway!;
    private StubTeacher Teacher => _teacher!;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_teacher is not null)
            await _teacher.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_left_out_says_why()
    {
        await StartAsync();
        string store = await Gateway.CollectAsync(("boiler.md", Boiler));
        Teacher.Reply = _ => StubTeacher.Rows(
            ("Which colour does Nortaria come in?", "In green and in violet."), // made up
            ("Who paints submarines?", "Seven years of guarantee."), // asks for something else
            ("who paints SUBMARINES", "A guarantee of the boiler."), // the same again
            ("What does the document say?", "Seven years.")); // points at what nobody will see
        JsonNode job = await RunAsync(new { vector_store_id = store, questions = 4 });
        Assert.Equal(("completed", 1, 1), ((string?)job["status"], (int)job["passages"]!, (int)job["done"]!));
        Assert.Equal((0, 2, 1, 1), (Count(job, "open"), Count(job, "dropped"), Count(job, "duplicates"), Count(job, "unusable")));
        JsonNode[] rows = await RowsAsync(job, "dropped");
        Assert.Equal([RowFlags.NotInPassage, RowFlags.NotFound], rows.Select(row => (string?)row["flags"]![0]));
        Assert.Equal((Boiler, "boiler.md"), ((string?)rows[0]["passage"]!["text"], (string?)rows[0]["passage"]!["filename"]));
    }

    [Fact]
    public async Task Rows_are_edited_accepted_and_imported_as_any_dataset()
    {
        await StartAsync();
        string store = await Gateway.CollectAsync(("boiler.md", Boiler), ("garden.md", Garden));
        Teacher.Reply = _ => StubTeacher.Rows(("Who paints submarines?", "Nobody knows."));
        JsonNode job = await RunAsync(new { vector_store_id = store });
        JsonNode row = Assert.Single(await RowsAsync(job));
        string path = $"/api/synthesis/{job["id"]}";
        Assert.Equal(409, (await Gateway.PostAsync($"{path}/import", new { })).Status);

        var change = new { question = "How long is the guarantee of Nortaria?", answer = "Seven years.", status = "accepted" };
        (int status, JsonNode changed) = await Gateway.SendAsync(HttpMethod.Patch, $"{path}/rows/{row["id"]}", change);
        Assert.Equal((200, change.question, "accepted"), (status, (string?)changed["question"], (string?)changed["status"]));
        Assert.Equal(400, (await Gateway.SendAsync(HttpMethod.Patch, $"{path}/rows/{row["id"]}", new { answer = " " })).Status);

        (_, JsonNode preview) = await Gateway.PostAsync($"{path}/import", new { dry_run = true });
        Assert.Equal((1, "Seven years."), ((int)preview["accepted"]!, (string?)preview["examples"]![0]!["messages"]![1]!["content"]));
        Assert.Empty((await Gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray());
        (_, JsonNode report) = await Gateway.PostAsync($"{path}/import", new { });
        JsonNode example = Assert.Single((await Gateway.GetJsonAsync($"/api/dataset?import={report["id"]}"))["data"]!.AsArray())!;
        Assert.Equal("Library (rows).jsonl:1", (string?)example["origin"]);
        Assert.Empty(await RowsAsync(job));
        Assert.Equal(1, Count(await Gateway.GetJsonAsync(path), "imported"));

        Teacher.Reply = _ => StubTeacher.Rows((change.question, "Eight years."));
        Assert.Equal(2, Count(await RunAsync(new { vector_store_id = store }), "duplicates")); // the example asks it already
    }

    [Fact]
    public async Task A_job_goes_on_after_a_restart_and_ends_when_somebody_says_so()
    {
        await StartAsync();
        string store = await Gateway.CollectAsync(("boiler.md", Boiler), ("garden.md", Garden));
        var asked = new List<string>();
        var never = new TaskCompletionSource<string?>();
        Teacher.Reply = prompt =>
        {
            asked.Add(prompt);
            return asked.Count == 1 ? StubTeacher.Rows(("Who paints submarines?", "Nobody.")) : never.Task;
        };
        JsonNode job = await BeginAsync(new { vector_store_id = store });
        await Eventually.TrueAsync(() => asked.Count == 2);
        await StopAsync();
        await StartAsync();
        await Eventually.TrueAsync(() => asked.Count == 3);
        Assert.Equal(asked[1], asked[2]); // the passage that was being read
        JsonNode now = await Gateway.GetJsonAsync($"/api/synthesis/{job["id"]}");
        Assert.Equal(("running", 1), ((string?)now["status"], (int)now["done"]!));

        (int status, JsonNode cancelled) = await Gateway.PostAsync($"/api/synthesis/{job["id"]}/cancel", new { });
        Assert.Equal((200, "cancelled"), (status, (string?)cancelled["status"]));
        Assert.Equal(409, (await Gateway.PostAsync($"/api/synthesis/{job["id"]}/cancel", new { })).Status);
        Assert.Single(await RowsAsync(job));
        Teacher.Reply = _ => StubTeacher.Rows(("Who counts clouds?", "Nobody."));
        Assert.Equal("completed", (string?)(await RunAsync(new { vector_store_id = store }))["status"]); // it is free for the next one
    }

    [Fact]
    public async Task Rows_go_with_their_document_and_a_job_with_its_collection()
    {
        await StartAsync();
        string store = await Gateway.CollectAsync(("boiler.md", Boiler), ("garden.md", Garden));
        Teacher.Reply = prompt => StubTeacher.Rows(prompt.Contains("Tulips", StringComparison.Ordinal)
            ? ("Who paints submarines?", "Nobody.") : ("Who counts clouds?", "Nobody knows it."));
        JsonNode job = await RunAsync(new { vector_store_id = store });
        JsonNode[] rows = await RowsAsync(job);
        Assert.Equal(2, rows.Length);
        await Gateway.SendAsync(HttpMethod.Delete, $"/v1/files/{rows[0]["passage"]!["file_id"]}");
        Assert.Equal((string?)rows[1]["question"], (string?)Assert.Single(await RowsAsync(job))["question"]);

        await Gateway.SendAsync(HttpMethod.Delete, $"/v1/vector_stores/{store}");
        Assert.Equal(404, (await Gateway.SendAsync(HttpMethod.Get, $"/api/synthesis/{job["id"]}")).Status);
    }

    [Fact]
    public async Task What_cannot_be_written_of_is_refused_and_a_teacher_that_refuses_is_named()
    {
        await StartAsync();
        string store = await Gateway.CollectAsync();
        (int status, JsonNode error) = await Gateway.PostAsync("/api/synthesis", new { vector_store_id = store });
        Assert.Equal(409, status);
        TestGateway.AssertOpenAiError(error, "no_passages");
        Assert.Equal(404, (await Gateway.PostAsync("/api/synthesis", new { vector_store_id = "vs_none" })).Status);
        Assert.Equal(400, (await Gateway.PostAsync("/api/synthesis", new { vector_store_id = store, questions = 99 })).Status);

        store = await Gateway.CollectAsync(("boiler.md", Boiler));
        JsonNode job = await RunAsync(new { vector_store_id = store });
        Assert.Equal("failed", (string?)job["status"]);
        Assert.Contains("The teacher stub at", (string?)job["error"]);
    }

    [Fact]
    public async Task Others_see_neither_a_job_nor_its_rows()
    {
        await StartAsync();
        await Gateway.Get<ApiKeyStore>().CreateAsync("owner", [Scopes.Admin]);
        ApiKey ana = await Gateway.Get<ApiKeyStore>().CreateAsync("ana", [Scopes.Chat, Scopes.Train]);
        ApiKey ben = await Gateway.Get<ApiKeyStore>().CreateAsync("ben", [Scopes.Chat, Scopes.Train]);
        ApiKey reader = await Gateway.Get<ApiKeyStore>().CreateAsync("reader", [Scopes.Chat]);
        await StopAsync();
        await StartAsync(("Security:RequireKey", "true"));
        Teacher.Reply = _ => StubTeacher.Rows(("Who paints submarines?", "Nobody."));
        As(ana);
        string store = await Gateway.CollectAsync(("boiler.md", Boiler));
        JsonNode job = await RunAsync(new { vector_store_id = store });
        Assert.Single(await RowsAsync(job));

        As(ben);
        Assert.Empty((await Gateway.GetJsonAsync("/api/synthesis"))["data"]!.AsArray());
        foreach (string path in (string[])["", "/rows"])
            Assert.Equal(404, (await Gateway.SendAsync(HttpMethod.Get, $"/api/synthesis/{job["id"]}{path}")).Status);
        Assert.Equal(404, (await Gateway.SendAsync(HttpMethod.Delete, $"/api/synthesis/{job["id"]}")).Status);
        Assert.Equal(404, (await Gateway.PostAsync("/api/synthesis", new { vector_store_id = store })).Status);
        As(reader);
        Assert.Equal(403, (await Gateway.SendAsync(HttpMethod.Get, "/api/synthesis")).Status);
    }

    [Fact]
    public async Task What_a_document_says_too_is_nothing_that_an_erasure_has_left()
    {
        await StartAsync();
        await Gateway.CollectAsync(("boiler.md", Boiler));
        SearchedFiles searched = Gateway.Get<FileSearch>().Search(TextFingerprint.Of([Boiler]), default);
        Assert.Empty(searched.Found);
        Assert.NotEmpty(searched.Elsewhere);
    }

    private void As(ApiKey key) => Gateway.Client.DefaultRequestHeaders.Authorization = new("Bearer", key.Key);

    private async Task StartAsync(params (string Key, string Value)[] settings)
    {
        _teacher ??= await StubTeacher.StartAsync();
        _gateway = await TestGateway.StartWithoutEngineAsync(_folder, [.. _teacher.Settings, .. settings]);
        await _gateway.Get<DocumentIngestion>().StartAsync(default);
        await _gateway.Get<SynthesisWorker>().StartAsync(default);
    }

    private async Task StopAsync()
    {
        if (_gateway is null)
            return;
        await _gateway.Get<SynthesisWorker>().StopAsync(default);
        await _gateway.Get<DocumentIngestion>().StopAsync(default);
        await _gateway.DisposeAsync();
        _gateway = null;
    }

    private async Task<JsonNode> BeginAsync(object request)
    {
        (int status, JsonNode job) = await Gateway.PostAsync("/api/synthesis", request);
        Assert.True(status == 200, job.ToJsonString());
        return job;
    }

    private async Task<JsonNode> RunAsync(object request)
    {
        JsonNode job = await BeginAsync(request);
        await Eventually.TrueAsync(async () =>
            (string?)(job = await Gateway.GetJsonAsync($"/api/synthesis/{job["id"]}"))["status"] != SynthesisStatus.Running);
        return job;
    }

    private async Task<JsonNode[]> RowsAsync(JsonNode job, string? status = null) =>
        [.. (await Gateway.GetJsonAsync($"/api/synthesis/{job["id"]}/rows{(status is null ? "" : $"?status={status}")}"))["data"]!.AsArray().Select(row => row!)];

    private static int Count(JsonNode job, string what) => (int)job["rows"]![what]!;
}
