using System.Text.Encodings.Web;
using System.Text.Json;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets;

/// <summary>Writes conversations as OpenAI's fine-tuning format, one JSON object a line; <see cref="ConversationReader"/> reads them back equal.</summary>
public static class ConversationWriter
{
    // Accents stay readable; the file is no web page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one row with its line feed.</summary>
    /// <param name="stream">Receives UTF-8; not flushed.</param>
    /// <param name="conversation">The row.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, Conversation conversation)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            WriteMessages(json, "messages", conversation.Messages);
            WriteTools(json, conversation.Tools);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Writes a preference as <c>prompt</c> with <c>chosen</c> and <c>rejected</c>, or <c>completion</c> and <c>label</c>.</summary>
    /// <param name="stream">Receives UTF-8; not flushed.</param>
    /// <param name="preference">The row.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, PreferenceRow preference)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            IReadOnlyList<ChatMessage> reply = preference.Reply.Messages;
            WriteMessages(json, "prompt", reply.Take(ReplyOf(reply)));
            WriteMessages(json, preference.Rejected is null ? "completion" : "chosen", reply.Skip(ReplyOf(reply)));
            if (preference.Rejected is { Messages: var rejected })
                WriteMessages(json, "rejected", rejected.Skip(ReplyOf(rejected)));
            else
                json.WriteBoolean("label", preference.IsGood);
            WriteTools(json, preference.Reply.Tools);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Where the reply begins: calls and their results belong to it.</summary>
    private static int ReplyOf(IReadOnlyList<ChatMessage> messages)
    {
        int first = messages.Count - 1;
        while (first > 0 && messages[first - 1].Role is ChatRole.Assistant or ChatRole.Tool)
            first--;
        return first;
    }

    private static void WriteMessages(Utf8JsonWriter json, string name, IEnumerable<ChatMessage> messages)
    {
        json.WriteStartArray(name);
        foreach (ChatMessage message in messages)
            WriteMessage(json, message);
        json.WriteEndArray();
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<ChatTool> tools)
    {
        if (tools.Count == 0)
            return;
        json.WriteStartArray("tools");
        foreach (ChatTool tool in tools)
            tool.Definition.WriteTo(json);
        json.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter json, ChatMessage message)
    {
        json.WriteStartObject();
        json.WriteString("role", message.Role.Name());
        if (message.Content is not null || message.ToolCalls.Count == 0) json.WriteString("content", message.Content ?? "");
        if (message.Reasoning is not null) json.WriteString("reasoning_content", message.Reasoning);
        if (message.ToolCalls.Count > 0) WriteCalls(json, message.ToolCalls);
        if (message.ToolCallId is not null) json.WriteString("tool_call_id", message.ToolCallId);
        if (message.Name is not null) json.WriteString("name", message.Name);
        if (message.Weight is { } weight) json.WriteNumber("weight", weight);
        json.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter json, IReadOnlyList<ChatToolCall> calls)
    {
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
