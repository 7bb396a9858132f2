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
    /// The messages and tools to render. What the template does not write, tools, calls or results, becomes text; ids become such as the template accepts.
    /// </summary>
    public static (IReadOnlyList<ChatMessage> Messages, IReadOnlyList<ChatTool> Tools) Of(
        ToolFormat format, IReadOnlyList<ChatMessage> messages, IReadOnlyList<ChatTool> tools)
    {
        if (format.IdLength is { } length)
            messages = [.. messages.Select(m => WithIds(m, length))];
        if (format.IdsAreNames)
            messages = WithNamesAsIds(messages);
        if (format.OneCallPerMessage)
            messages = WithOneCallEach(messages);
        if (!format.WritesCalls)
            messages = WithoutCalls(format, messages);
        if (format.TellsTools)
            return (messages, tools);
        if (tools.Count == 0)
            return (messages, []);
        string instructions = Instructions(format, tools);
        List<ChatMessage> plain = [.. messages];
        if (plain is [{ Role: ChatRole.System } first, ..])
            plain[0] = first with { Content = $"{first.Content}\n\n{instructions}" };
        else
            plain.Insert(0, new ChatMessage(ChatRole.System, instructions));
        return (plain, []);
    }

    private static string Instructions(ToolFormat format, IReadOnlyList<ChatTool> tools)
    {
        var text = new StringBuilder("You can call these functions:\n");
        foreach (ChatTool tool in tools)
            text.Append(JsonSerializer.Serialize(tool.Definition.GetProperty("function"), Relaxed)).Append('\n');
        string what = format == ToolFormat.Json ? "this JSON" : "this";
        return text.Append($"To call functions, reply with {what} and nothing else: {format.Write([("function", """{"name": "value"}""")])}").ToString();
    }

    private static List<ChatMessage> WithoutCalls(ToolFormat format, IReadOnlyList<ChatMessage> messages)
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
                plain.Add(message.ToolCalls.Count == 0 ? message : message with { Content = Text(format, message), ToolCalls = [] });
            }
        }
        return plain;
    }

    private static string Text(ToolFormat format, ChatMessage message) =>
        (string.IsNullOrEmpty(message.Content) ? "" : message.Content + "\n") + format.Write(message.ToolCalls.Select(call => (call.Name, call.Arguments)));

    private static string? NameOf(IReadOnlyList<ChatMessage> messages, ChatMessage result) =>
        result.Name ?? messages.SelectMany(m => m.ToolCalls).FirstOrDefault(call => call.Id == result.ToolCallId)?.Name;

    private static ChatMessage WithIds(ChatMessage message, int length) => message with
    {
        ToolCallId = message.ToolCallId is { } id ? Shorten(id, length) : null,
        ToolCalls = [.. message.ToolCalls.Select(call => call with { Id = Shorten(call.Id, length) })],
    };

    /// <summary>Calls that were made together, one after the other, each with its result.</summary>
    private static List<ChatMessage> WithOneCallEach(IReadOnlyList<ChatMessage> messages)
    {
        var split = new List<ChatMessage>();
        HashSet<string> placed = [];
        foreach ((int i, ChatMessage message) in messages.Index())
        {
            if (message.Role == ChatRole.Tool && message.ToolCallId is { } done && placed.Contains(done))
                continue;
            if (message.ToolCalls.Count < 2)
            {
                split.Add(message);
                continue;
            }
            foreach ((int k, ChatToolCall call) in message.ToolCalls.Index())
            {
                split.Add(message with { Content = k == 0 ? message.Content : null, Reasoning = k == 0 ? message.Reasoning : null, ToolCalls = [call] });
                if (messages.Skip(i + 1).FirstOrDefault(m => m.Role == ChatRole.Tool && m.ToolCallId == call.Id) is { } result && placed.Add(call.Id))
                    split.Add(result);
            }
        }
        return split;
    }

    /// <summary>Kimi's ids: <c>functions.name:0</c>, numbered through the conversation.</summary>
    private static List<ChatMessage> WithNamesAsIds(IReadOnlyList<ChatMessage> messages)
    {
        var ids = new Dictionary<string, string>();
        var renamed = new List<ChatMessage>();
        foreach (ChatMessage message in messages)
        {
            ChatToolCall[] calls = [.. message.ToolCalls.Select(call =>
                call with { Id = ids[call.Id] = call.Id.StartsWith("functions.", StringComparison.Ordinal) ? call.Id : $"functions.{call.Name}:{ids.Count}" })];
            renamed.Add(message with { ToolCalls = calls, ToolCallId = message.ToolCallId is { } id ? ids.GetValueOrDefault(id, id) : null });
        }
        return renamed;
    }

    /// <summary>The same id for the same id, so that calls and results still belong together.</summary>
    private static string Shorten(string id, int length) => id.Length == length && id.All(char.IsAsciiLetterOrDigit)
        ? id
        : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)))[..length];
}
