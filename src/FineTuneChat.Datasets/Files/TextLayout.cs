using System.Text;
using System.Text.Json;
using FineTuneChat.Datasets.Chats;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Tables;

namespace FineTuneChat.Datasets.Files;

/// <summary>How a text holds its rows.</summary>
internal enum TextKind
{
    JsonLines,
    JsonValues, // one after the other, over as many lines as they like
    JsonList,
    Table,
    Chat,
}

/// <summary>How a text holds its rows, by how it begins; its name counts only where that may be anything.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Start">Of a list inside of an object: the byte after its bracket.</param>
/// <param name="List">The name of that list.</param>
internal readonly record struct TextLayout(TextKind Kind, int Start = 0, string? List = null)
{
    private static readonly HashSet<string> Lists =
        ["data", "rows", "examples", "items", "dataset", "records", "train", "entries", "samples", "results", "chats"];

    /// <param name="head">The first bytes of the text in UTF-8.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="limits">How deep JSON may be.</param>
    /// <exception cref="InvalidDataException">It is no dataset.</exception>
    public static TextLayout Of(ReadOnlySpan<byte> head, string file, DatasetLimits limits)
    {
        string extension = Path.GetExtension(file).ToLowerInvariant();
        if (WhatsAppChat.IsChat(Encoding.UTF8.GetString(head[..Math.Min(head.Length, 16 << 10)])))
            return new(TextKind.Chat);
        ReadOnlySpan<byte> start = head.TrimStart(" \t\r\n"u8);
        if (start.StartsWith("["u8))
            return new(TextKind.JsonList);
        if (start.StartsWith("{"u8))
            return Objects(head, start, limits);
        if (extension is ".csv" or ".tsv" or ".tab" || HasColumns(Encoding.UTF8.GetString(start[..Math.Min(start.Length, 16 << 10)])))
            return new(TextKind.Table);
        if (extension is ".jsonl" or ".json" or ".ndjson" || start.IsEmpty || head.IndexOf("\n{"u8) >= 0)
            return new(TextKind.JsonLines);
        throw new InvalidDataException(
            "it is plain text without rows. Read are JSON (lines, lists), tables (CSV, XLSX, Parquet) and exports of chats.");
    }

    private static TextLayout Objects(ReadOnlySpan<byte> head, ReadOnlySpan<byte> start, DatasetLimits limits)
    {
        if (ListIn(head, limits) is { } list)
            return list;
        int end = start.IndexOf((byte)'\n');
        Utf8JsonReader reader = Reader(end < 0 ? start : start[..end], limits);
        try
        {
            return reader.Read() && reader.TrySkip() ? new(TextKind.JsonLines) : new(TextKind.JsonValues); // cut off: it goes on in the next line
        }
        catch (JsonException) // a bad row, which is named when it is read
        {
            return new(TextKind.JsonLines);
        }
    }

    /// <summary>The first list of objects by one of the known names in the file's only object.</summary>
    private static TextLayout? ListIn(ReadOnlySpan<byte> head, DatasetLimits limits)
    {
        Utf8JsonReader reader = Reader(head, limits);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (!reader.Read())
                    return null;
                int start = (int)reader.BytesConsumed;
                bool holdsObjects = reader.TokenType == JsonTokenType.StartArray && head[start..].TrimStart(" \t\r\n"u8).StartsWith("{"u8);
                if (holdsObjects && Lists.Contains(name.ToLowerInvariant()))
                    return new(TextKind.JsonList, start, name);
                if (!reader.TrySkip())
                    return null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }
        return null;
    }

    private static Utf8JsonReader Reader(ReadOnlySpan<byte> text, DatasetLimits limits) =>
        new(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = limits.Depth }));

    /// <summary>Whether one of the first lines names columns, or the first lines all have as many values.</summary>
    private static bool HasColumns(string head)
    {
        string[] lines =
            [.. head.Split('\n', HeaderRow.Searched + 1).Take(HeaderRow.Searched).Select(line => line.Trim('\r', ' ')).Where(line => line.Length > 0)];
        return lines.Any(line => CsvTable.Separators.Any(separator => RowShape.Of([.. line.Split(separator).Select(n => n.Trim(' ', '"'))], null).IsSure))
            || (lines.Length > 1 && ",;\t|".Any(separator => lines.Take(5).Select(line => line.Count(c => c == separator)).Distinct().ToArray() is [> 0]));
    }
}
