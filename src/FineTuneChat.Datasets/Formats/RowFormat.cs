using System.Text.Json;

namespace FineTuneChat.Datasets.Formats;

/// <summary>Knows the format of a row by its keys.</summary>
internal static class RowFormat
{
    /// <exception cref="RowException">The row is of no known format, or a value is not allowed.</exception>
    public static Conversation Read(JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new RowException($"a row must be a JSON object, not {RowFields.KindOf(row)}");
        if (row.TryGetProperty("messages", out _)) return MessagesFormat.Read(row);
        if (row.TryGetProperty("conversations", out _)) return ShareGptFormat.Read(row);
        if (row.TryGetProperty("instruction", out _)) return PairFormats.ReadInstruction(row);
        if (row.TryGetProperty("prompt", out _)) return PairFormats.ReadPrompt(row);
        var keys = string.Join(", ", row.EnumerateObject().Take(8).Select(p => p.Name));
        throw new RowException($"none of the keys messages, conversations, instruction and prompt; its keys are: {(keys.Length > 0 ? keys : "none")}");
    }
}
