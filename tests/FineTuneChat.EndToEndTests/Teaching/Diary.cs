using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;

namespace FineTuneChat.EndToEndTests.Teaching;

/// <summary>What a server has acknowledged: whatever dies, it must still be there.</summary>
internal sealed class Diary(string dataFolder)
{
    private readonly List<Entry> _entries = [];

    /// <summary>Asks in a conversation of its own, and corrects the reply.</summary>
    public async Task TeachAsync(ServerProcess server, Fact fact)
    {
        Entry entry = await AskAsync(server, fact.Question);
        using HttpResponseMessage rated = await server.Client.PostAsJsonAsync(
            "/api/feedback", new { completion_id = entry.Completion, rating = "down", correction = fact.Answer });
        rated.EnsureSuccessStatusCode();
        _entries[^1] = entry with { Correction = fact.Answer };
    }

    /// <summary>Asks in a conversation of its own.</summary>
    public async Task<Entry> AskAsync(ServerProcess server, string question)
    {
        string conversation = $"diary-{_entries.Count}";
        JsonElement completion = default;
        await Eventually.TrueAsync(async () =>
        {
            using HttpRequestMessage request = Request(conversation, question);
            using HttpResponseMessage response = await server.Client.SendAsync(request);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null)
                return false; // the engine is being started again: clients ask once more, and so does this one
            response.EnsureSuccessStatusCode();
            completion = await response.Content.ReadFromJsonAsync<JsonElement>();
            return true;
        });
        var entry = new Entry(
            conversation, question, completion.GetProperty("id").GetString()!,
            completion.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!,
            completion.GetProperty("system_fingerprint").GetString()!, Correction: null);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Every conversation, rating and correction is there, and every version that the server offers is a whole file.</summary>
    public async Task AssertKeptAsync(ServerProcess server)
    {
        foreach (Entry entry in _entries)
            await AssertKeptAsync(server, entry);
        JsonElement[] versions = [.. (await server.Client.GetFromJsonAsync<JsonElement>("/api/versions")).GetProperty("data").EnumerateArray()];
        foreach (string file in versions.Where(v => v.GetProperty("number").GetInt32() > 0).Select(v => v.GetProperty("file").GetString()!))
            Assert.NotEmpty(GgufFile.Open(Path.Combine(dataFolder, file)).Tensors);
        Assert.Contains(versions, v => v.GetProperty("active").GetBoolean());
    }

    private static HttpRequestMessage Request(string conversation, string question) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = JsonContent.Create(
            new { model = "assistant", temperature = 0, max_tokens = 64, messages = new[] { new { role = "user", content = question } } }),
        Headers = { { "X-Conversation-Id", conversation } },
    };

    private static async Task AssertKeptAsync(ServerProcess server, Entry entry)
    {
        JsonElement conversation = await server.Client.GetFromJsonAsync<JsonElement>($"/api/conversations/{entry.Conversation}");
        JsonElement[] messages = [.. conversation.GetProperty("messages").EnumerateArray()];
        Assert.Equal([entry.Question, entry.Reply], messages.Select(m => m.GetProperty("content").GetString()));
        Assert.Equal(entry.Completion, messages[1].GetProperty("completion_id").GetString());
        Assert.Equal(entry.Version, $"assistant@{messages[1].GetProperty("version").GetInt32()}");
        JsonElement rating = messages[1].GetProperty("rating");
        Assert.Equal(entry.Correction, rating.ValueKind == JsonValueKind.Null ? null : rating.GetProperty("correction").GetString());
    }

    /// <summary>One question, and what became of it.</summary>
    internal sealed record Entry(string Conversation, string Question, string Completion, string Reply, string Version, string? Correction);
}
