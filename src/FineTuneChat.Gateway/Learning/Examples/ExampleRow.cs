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
        var row = new JsonObject { ["messages"] = new JsonArray([.. messages.Select((m, i) => Weighed(m, isLearned: i == messages.Count - 1))]) };
        if (tools is { } functions)
            row["tools"] = JsonNode.Parse(functions.GetRawText());
        return row.ToJsonString(RelaxedJson.Options);
    }

    /// <summary>A message of a row.</summary>
    public static JsonNode Message(RequestMessage message) => JsonSerializer.SerializeToNode(
        message with { Role = message.Role == "developer" ? "system" : message.Role }, OpenAiJson.Default.RequestMessage)!;

    private static JsonNode Weighed(RequestMessage message, bool isLearned)
    {
        JsonNode row = Message(message);
        if (message.Role == "assistant")
            row["weight"] = isLearned ? 1 : 0;
        return row;
    }
}
