using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>An example as a row of OpenAI's fine-tuning format: only the last message is learned, the rest is what it answers to.</summary>
internal static class ExampleRow
{
    public static string Of(IReadOnlyList<RequestMessage> messages, JsonElement? tools)
    {
        var row = new JsonObject { ["messages"] = new JsonArray([.. messages.Select((m, i) => Message(m, isLearned: i == messages.Count - 1))]) };
        if (tools is { } functions)
            row["tools"] = JsonNode.Parse(functions.GetRawText());
        return row.ToJsonString(RelaxedJson.Options);
    }

    private static JsonNode Message(RequestMessage message, bool isLearned)
    {
        RequestMessage renamed = message with { Role = message.Role == "developer" ? "system" : message.Role };
        JsonNode row = JsonSerializer.SerializeToNode(renamed, OpenAiJson.Default.RequestMessage)!;
        if (message.Role == "assistant")
            row["weight"] = isLearned ? 1 : 0;
        return row;
    }
}
