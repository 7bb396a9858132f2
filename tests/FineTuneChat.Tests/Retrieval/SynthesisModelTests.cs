using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Synthesis;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retrieval;

/// <summary><c>/api/synthesis</c> with the starter, in a real engine: what a model of 15 MB writes are rows all the same, and what it knows it is not taught.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class SynthesisModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_served_model_writes_rows_and_what_it_knows_is_left_out()
    {
        File.Copy(Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"), _folder["small.gguf"]);
        await using (TestGateway gateway = await TestGateway.StartReadyAsync(_folder, ("Models:Base", "small")))
        {
            string store = await gateway.CollectAsync(("boiler.md", "The boiler Nortaria has a guarantee of seven years."));
            JsonNode job = await RunAsync(gateway, store);
            Assert.Equal(("completed", 1), ((string?)job["status"], (int)job["done"]!));
            int written = (int)job["rows"]!["open"]! + (int)job["rows"]!["dropped"]! + (int)job["rows"]!["unusable"]! + (int)job["rows"]!["duplicates"]!;
            Assert.InRange(written, 1, 2); // of valid JSON: the grammar sees to that
        }

        const string Question = "How many days are in a week?";
        string known = "";
        await using StubTeacher teacher = await StubTeacher.StartAsync();
        teacher.Reply = _ => StubTeacher.Rows((Question, known), ("How long is Nortaria guaranteed?", "For 7391 days."));
        await using (TestGateway gateway = await TestGateway.StartReadyAsync(_folder, [("Models:Base", "small"), .. teacher.Settings]))
        {
            known = (string)(await gateway.ChatAsync(Question, maxTokens: 64)).Body["choices"]![0]!["message"]!["content"]!;
            string store = await gateway.CollectAsync(("week.md", $"On the days of a week: {known} Nortaria is guaranteed for 7391 days."));
            JsonNode job = await RunAsync(gateway, store);
            JsonArray rows = (await gateway.GetJsonAsync($"/api/synthesis/{job["id"]}/rows"))["data"]!.AsArray();
            Assert.Equal(["dropped", "open"], rows.Select(row => (string?)row!["status"]));
            Assert.Equal(RowFlags.Known, (string?)Assert.Single(rows[0]!["flags"]!.AsArray()));
            Assert.NotEmpty((string)rows[1]!["reply"]!);
        }
    }

    private static async Task<JsonNode> RunAsync(TestGateway gateway, string store)
    {
        (int status, JsonNode job) = await gateway.PostAsync("/api/synthesis", new { vector_store_id = store });
        Assert.True(status == 200, job.ToJsonString());
        await Eventually.TrueAsync(async () =>
            (string?)(job = await gateway.GetJsonAsync($"/api/synthesis/{job["id"]}"))["status"] != SynthesisStatus.Running);
        return job;
    }
}
