using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Documents;

/// <summary>Keeps answers with the schemas that the document has for them; ajv judges all of them at once.</summary>
internal sealed class AnswerJudge(JsonNode document)
{
    private readonly List<(string Route, string Schema, string Text)> _answers = [];

    public async Task SeeAsync(TestGateway gateway, string method, string path, string? id = null, object? body = null, int status = 200)
    {
        string url = id is null ? path : path.Replace("{id}", id).Replace("{number}", id);
        (int answered, JsonNode answer) = await gateway.SendAsync(new HttpMethod(method.ToUpperInvariant()), url, body);
        Assert.True(answered == status, $"{method} {path}: {answered} {answer.ToJsonString()}");
        Add(method, path, status, "application/json", answer.ToJsonString());
    }

    public async Task SeeStreamAsync(TestGateway gateway, string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await gateway.Client.PostAsync(path, content);
        string[] events = [.. (await response.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))];
        Assert.NotEmpty(events);
        foreach (string data in events)
            Add("post", path, 200, "text/event-stream", data["data: ".Length..]);
    }

    /// <summary>What is not as the document says.</summary>
    public async Task<IReadOnlyList<string>> JudgeAsync()
    {
        (int exitCode, string verdicts) = await NodeScript.RunAsync(
            "tests/FineTuneChat.Inference.Tests/Grammars/judge.mjs", _answers.Select(a => new { a.Schema, a.Text }));
        Assert.Equal(0, exitCode);
        return [.. JsonSerializer.Deserialize<List<string?>>(verdicts)!.Zip(_answers)
            .Where(judged => judged.First is not null)
            .Select(judged => $"{judged.Second.Route}: {judged.First} in {judged.Second.Text}")];
    }

    private void Add(string method, string path, int status, string contentType, string text)
    {
        JsonNode? schema = document["paths"]![path]?[method]?["responses"]![$"{status}"]?["content"]![contentType]?["schema"];
        Assert.True(schema is not null, $"The document has no {status} for {method} {path} as {contentType}.");
        JsonNode whole = schema.DeepClone();
        whole["components"] = document["components"]!.DeepClone(); // where its references point
        _answers.Add(($"{method} {path} {status}", whole.ToJsonString(), text));
    }
}
