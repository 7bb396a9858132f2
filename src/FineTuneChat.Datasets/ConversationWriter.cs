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
            json.WriteStartArray("messages");
            foreach (var message in conversation.Messages) WriteMessage(json, message);
            json.WriteEndArray();
            if (conversation.Tools.Count > 0)
            {
                json.WriteStartArray("tools");
                foreach (var tool in conversation.Tools) tool.Definition.WriteTo(json);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
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
