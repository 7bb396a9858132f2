using System.Text.Json;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>
/// What a teacher is asked: a text file with a question per line, or JSON lines with <c>prompt</c> or <c>messages</c>. Empty lines are passed over.
/// </summary>
internal static class PromptList
{
    private const int MostNamed = 5;

    /// <summary>Conversations that end with the user, in the file's order.</summary>
    /// <exception cref="UserException">A line is bad, or there is none.</exception>
    public static IReadOnlyList<IReadOnlyList<RequestMessage>> Read(string path)
    {
        bool isJson = Path.GetExtension(path).Equals(".jsonl", StringComparison.OrdinalIgnoreCase);
        var prompts = new List<IReadOnlyList<RequestMessage>>();
        var faults = new List<string>();
        foreach ((string line, int number) in File.ReadLines(path).Select((line, i) => (line.Trim(), i + 1)).Where(l => l.Item1.Length > 0))
        {
            if (!isJson)
                prompts.Add([User(line)]);
            else if (Parse(line) is { } messages)
                prompts.Add(messages);
            else
                faults.Add($"line {number}");
        }
        if (faults.Count > 0)
            throw new UserException(
                $"{path}: {string.Join(", ", faults.Take(MostNamed))}{(faults.Count > MostNamed ? $" and {faults.Count - MostNamed} more" : "")}: a line has "
                + "{\"prompt\": \"TEXT\"} or {\"messages\": [{\"role\": \"user\", \"content\": \"TEXT\"}]}; roles are system, user and assistant, the last is "
                + "user.");
        return prompts.Count > 0 ? prompts : throw new UserException($"{path} has no prompts: write one per line.");
    }

    /// <summary>A question of the user alone.</summary>
    public static RequestMessage User(string text) => new() { Role = "user", Content = text };

    private static IReadOnlyList<RequestMessage>? Parse(string line)
    {
        try
        {
            using var row = JsonDocument.Parse(line);
            if (row.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            if (row.RootElement.TryGetProperty("prompt", out JsonElement prompt))
                return prompt.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(prompt.GetString()) ? [User(prompt.GetString()!)] : null;
            if (!row.RootElement.TryGetProperty("messages", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
                return null;
            RequestMessage[] messages = [.. list.EnumerateArray().Select(m => m.Deserialize(OpenAiJson.Default.RequestMessage)!)];
            bool isSound = messages is [.., { Role: "user" }]
                && messages.All(m => m.Role is "system" or "user" or "assistant" && !string.IsNullOrWhiteSpace(m.Content));
            return isSound ? [.. messages.Select(m => new RequestMessage { Role = m.Role, Content = m.Content })] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
