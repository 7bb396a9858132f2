using System.Text.Json;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Formats;

/// <summary>ShareGPT: <c>{"conversations":[{"from","value"}],"system"?}</c>.</summary>
internal static class ShareGptFormat
{
    private const string Allowed = "system, human, user, gpt, chatgpt, assistant, model, tool, observation";

    public static Conversation Read(JsonElement row)
    {
        var messages = new List<ChatMessage>();
        if (row.OptionalText("system") is { Length: > 0 } system) messages.Add(new ChatMessage(ChatRole.System, system));
        foreach (var (message, i) in row.Objects("conversations").Select((m, i) => (m, i)))
        {
            var place = $"conversations[{i}].";
            messages.Add(new ChatMessage(RoleOf(message.Text("from", place), place), message.Text("value", place)));
        }
        return messages.Count > 0 ? new Conversation(messages) : throw new RowException("conversations is empty");
    }

    private static ChatRole RoleOf(string from, string place) => from switch
    {
        "system" => ChatRole.System,
        "human" or "user" => ChatRole.User,
        "gpt" or "chatgpt" or "assistant" or "model" => ChatRole.Assistant,
        "tool" or "observation" => ChatRole.Tool,
        _ => throw new RowException($"{place}from is \"{from}\"; allowed are {Allowed}"),
    };
}
