using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Tools;

/// <summary>Conversations with tools as a model's template takes them.</summary>
public static class ToolPrompt
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The messages and tools to render. For <see cref="ToolFormat.Json"/> tools become instructions, calls and results text; for other
    /// formats ids become such as the template accepts.
    /// </summary>
    public static (IReadOnlyList<ChatMessage> Messages, IReadOnlyList<ChatTool> Tools) Of(
        ToolFormat format, IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools)
    {
        if (format != ToolFormat.Json)
            return (format.IdLength is { } length ? [.. messages.Select(m => WithIds(m, length))] : messages, tools);
        List<ChatMessage> plain = WithoutCalls(messages);
        if (tools.Count == 0)
            return (plain, []);
        string instructions = Instructions(tools);
        if (plain is [{ Role: ChatRole.System } first, ..])
            plain[0] = first with { Content = $"{first.Content}\n\n{instructions}" };
        else
            plain.Insert(0, new ChatMessage(ChatRole.System, instructions));
        return (plain, []);
    }

    private static string Instructions(IReadOnlyList<ChatTool> tools)
    {
        var text = new StringBuilder("You can call these functions:\n");
        foreach (ChatTool tool in tools)
            text.Append(JsonSerializer.Serialize(tool.Definition.GetProperty("function"), Relaxed)).Append('\n');
        return text.Append(
            "To call functions, reply with this JSON and nothing else: {\"tool_calls\": [{\"name\": \"function\", \"arguments\": {\"name\": \"value\"}}]}")
            .ToString();
    }

    private static List<ChatMessage> WithoutCalls(IReadOnlyList<ChatMessage> messages)
    {
        var plain = new List<ChatMessage>();
        foreach (ChatMessage message in messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                string result = $"Result of {NameOf(messages, message) ?? "the function"}: {message.Content}";
                if (plain is [.., { Role: ChatRole.User } before] && messages[plain.Count - 1].Role == ChatRole.Tool)
                    plain[^1] = before with { Content = $"{before.Content}\n{result}" };
                else
                    plain.Add(new ChatMessage(ChatRole.User, result));
            }
            else
            {
                plain.Add(message.ToolCalls.Count == 0 ? message : message with { Content = Text(message), ToolCalls = [] });
            }
        }
        return plain;
    }

    private static string Text(ChatMessage message)
    {
        IEnumerable<string> calls = message.ToolCalls.Select(call =>
            $"{{\"name\": {JsonSerializer.Serialize(call.Name, Relaxed)}, \"arguments\": {call.Arguments}}}");
        string before = string.IsNullOrEmpty(message.Content) ? "" : message.Content + "\n";
        return before + ToolFormat.Json.Open + string.Join(ToolFormat.Json.Separator, calls) + ToolFormat.Json.Close;
    }

    private static string? NameOf(IReadOnlyList<ChatMessage> messages, ChatMessage result) =>
        result.Name ?? messages.SelectMany(m => m.ToolCalls).FirstOrDefault(call => call.Id == result.ToolCallId)?.Name;

    private static ChatMessage WithIds(ChatMessage message, int length) => message with
    {
        ToolCallId = message.ToolCallId is { } id ? Shorten(id, length) : null,
        ToolCalls = [.. message.ToolCalls.Select(call => call with { Id = Shorten(call.Id, length) })],
    };

    /// <summary>The same id for the same id, so that calls and results still belong together.</summary>
    private static string Shorten(string id, int length) => id.Length == length && id.All(char.IsAsciiLetterOrDigit)
        ? id
        : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)))[..length];
}
