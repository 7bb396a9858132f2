using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Retraining;

/// <summary>The starter finds other words for the questions of a base that has none: a tiny random model.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class TeacherTests : IDisposable
{
    private const string Question = "When does Nortaria open?";
    private static readonly object Quick = new { options = new { epochs = 30, rank = 8, learning_rate = 0.002 } };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_that_the_settings_name_finds_other_words()
    {
        await using ServerProcess teacher = await ServerProcess.StartAsync("starter", _folder["teacher"], ("Engine:Threads", "1"));
        IReadOnlyList<string> found = await TaughtAsync(("Learning:Teacher:Url", $"{teacher.Address}v1"), ("Learning:Teacher:Model", "assistant"));
        Assert.NotEmpty(found);
        Assert.All(found, wording => Assert.Contains("Nortaria", wording));
        Assert.DoesNotContain(Question, found);
    }

    [Fact]
    public async Task So_does_a_model_of_this_machine()
    {
        File.Copy(Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"), _folder["larger.gguf"]);
        Assert.NotEmpty(await TaughtAsync(("Learning:Teacher:Model", "larger")));
    }

    [Fact]
    public async Task While_it_cannot_be_reached_a_run_goes_on_without_it()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await TaughtAsync(("Learning:Teacher:Url", $"http://127.0.0.1:{port}/v1"), ("Learning:Teacher:Model", "assistant"));
    }

    /// <summary>Teaches a fact, and gives the other words in which it was learned.</summary>
    private async Task<IReadOnlyList<string>> TaughtAsync(params (string Key, string Value)[] settings)
    {
        await using TestGateway gateway = await TestGateway.StartReadyAsync(
            _folder, [("Retraining:Rewordings", "4"), ("Retraining:KeyWordSentences", "0"), .. settings]);
        (_, JsonNode reply) = await gateway.ChatAsync(Question);
        await gateway.PostAsync("/api/feedback", new { completion_id = (string)reply["id"]!, rating = "down", correction = "At nine." });
        JsonNode run = (await gateway.PostAsync("/api/training/start", Quick)).Body;
        string id = (string)run["id"]!;
        await Eventually.TrueAsync(async () => (run = await gateway.GetJsonAsync($"/api/training/runs/{id}"))["finished_at"] is not null, Patience.RunLimit);
        Assert.True((string?)run["status"] == "succeeded", run.ToJsonString());
        JsonNode example = (await gateway.GetJsonAsync("/api/dataset"))["data"]!.AsArray().Single()!;
        return [.. example["rewordings"]!.AsArray().Select(w => (string)w!["text"]!)];
    }
}
