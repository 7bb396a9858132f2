using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>
/// What is deleted goes out of the assistant by itself: facts are taught, one is deleted while the server is killed, and a version without it serves. The long
/// form (<c>FTC_SCALE=20</c>) deletes one in peace before, and does it with as many choices of facts: each must land.
/// </summary>
public sealed class ErasureTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int Taught = Scale.IsLong ? 4 : 3;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Rounds => [.. Enumerable.Range(0, Scale.Factor)];

    private string Data => _folder["data"];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Rounds))]
    public async Task A_deleted_fact_is_gone_from_service_and_from_every_file_also_where_the_server_is_killed(int round)
    {
        Fact[] facts = [.. Enumerable.Range(round, Taught).Select(i => Fact.All[i % Fact.All.Count])];
        int first = round % Taught, second = (round + 1) % Taught;
        List<Fact> left = [.. facts];
        ServerProcess server = await StartAsync();
        try
        {
            await LearnAsync(server, facts);
            if (Scale.IsLong)
            {
                left.Remove(facts[first]);
                await EraseAsync(server, first, facts[first], left);
            }

            // The server is killed before the run begins, and while it runs.
            JsonElement answer = await DeleteAsync(server, second);
            left.Remove(facts[second]);
            server = await KilledAsync(server);
            await Eventually.TrueAsync(
                async () => (await server.Client.GetFromJsonAsync<JsonElement>("/api/training")).GetProperty("run").ValueKind == JsonValueKind.Object,
                Patience.RunLimit);
            server = await KilledAsync(server);
            JsonElement certificate = await CertificateAsync(server, answer);
            await AssertErasedAsync(server, certificate, facts[second], left);
            Assert.Contains("The server was restarted", certificate.GetProperty("replies").GetProperty("note").GetString());
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Deletes a conversation in peace: the certificate has the figures of its reply, and the version that knew it is gone.</summary>
    private async Task EraseAsync(ServerProcess server, int conversation, Fact erased, IReadOnlyList<Fact> left)
    {
        JsonElement answer = await DeleteAsync(server, conversation);
        Assert.True(answer.GetProperty("retrains").GetBoolean(), answer.ToString());
        JsonElement certificate = await CertificateAsync(server, answer);
        await AssertErasedAsync(server, certificate, erased, left);
        JsonElement reply = certificate.GetProperty("replies").GetProperty("figures")[0];
        Assert.False(reply.GetProperty("written").GetBoolean());
        Assert.Equal((20, 0), (reply.GetProperty("samples").GetInt32(), reply.GetProperty("drawn").GetInt32()));
        JsonElement[] versions = [.. (await server.Client.GetFromJsonAsync<JsonElement>("/api/versions")).GetProperty("data").EnumerateArray()];
        Assert.DoesNotContain(1, versions.Select(v => v.GetProperty("number").GetInt32()));
    }

    /// <summary>It is neither said nor in any file; what was not deleted is known as before.</summary>
    private async Task AssertErasedAsync(ServerProcess server, JsonElement certificate, Fact erased, IReadOnlyList<Fact> left)
    {
        output.WriteLine(certificate.ToString());
        Assert.Equal("done", certificate.GetProperty("status").GetString());
        AssertGone(erased);
        var assistant = new Assistant(server.Address, isStored: false); // or another conversation would say it
        var misses = new List<string>();
        int known = await assistant.CountExactAsync(left.Select(f => (f.Question, f.Answer)), misses.Add);
        Assert.True(known == left.Count, string.Join('\n', misses));
        OpenAI.Chat.ChatCompletion said = await assistant.AskAsync(erased.Question);
        Assert.NotEqual(erased.Answer, said.Content[0].Text.Trim());
        Assert.Equal($"assistant@{certificate.GetProperty("version").GetInt32()}", said.SystemFingerprint);
    }

    private async Task<ServerProcess> KilledAsync(ServerProcess server)
    {
        server.Kill();
        await server.DisposeAsync();
        return await StartAsync();
    }

    private Task<ServerProcess> StartAsync() =>
        ServerProcess.StartAsync(
            Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf"), Data, ("Engine:Threads", "1"), ("Retraining:Threads", "1"),
            ("Retraining:KeyWordSentences", "0"), ("Retraining:MaxReplay", ShortRuns.MaxReplay),
            ("Retraining:Rewordings", ShortRuns.Rewordings), ("Retraining:Epochs", ShortRuns.Epochs));

    /// <summary>Each fact in a conversation of its own.</summary>
    private async Task LearnAsync(ServerProcess server, IEnumerable<Fact> facts)
    {
        var diary = new Diary(Data);
        foreach (Fact fact in facts)
            await diary.TeachAsync(server, fact);
        using HttpResponseMessage started = await server.Client.PostAsync("/api/training/start", null);
        string run = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        JsonElement ended = default;
        await Eventually.TrueAsync(
            async () => (ended = await server.Client.GetFromJsonAsync<JsonElement>($"/api/training/runs/{run}")).GetProperty("finished_at").ValueKind
                == JsonValueKind.Number,
            Patience.RunLimit);
        Assert.True(ended.GetProperty("status").GetString() == "succeeded", ended.ToString());
    }

    private static async Task<JsonElement> DeleteAsync(ServerProcess server, int conversation)
    {
        using HttpResponseMessage response = await server.Client.DeleteAsync($"/api/conversations/diary-{conversation}");
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<JsonElement> CertificateAsync(ServerProcess server, JsonElement erased)
    {
        JsonElement certificate = default;
        await Eventually.TrueAsync(
            async () =>
            {
                certificate = await server.Client.GetFromJsonAsync<JsonElement>($"/api/erasures/{erased.GetProperty("erasure").GetString()}");
                return certificate.GetProperty("status").GetString() != "pending";
            },
            3 * Patience.RunLimit); // a run may be refused, and tried again
        return certificate;
    }

    /// <summary>No file holds the reply, and none the question; letters may be escaped as JSON does it.</summary>
    private void AssertGone(Fact fact)
    {
        byte[][] texts =
        [
            .. ((string[])[fact.Answer, fact.Question]).SelectMany(text => (string[])[text, JsonSerializer.Serialize(text)[1..^1]])
                .Select(Encoding.UTF8.GetBytes),
        ];
        foreach (string file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            Assert.True(texts.All(text => memory.GetBuffer().AsSpan(0, (int)memory.Length).IndexOf(text) < 0), $"{fact.Answer} still stands in {file}");
        }
    }
}
