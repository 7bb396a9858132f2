using System.Text.Json;
using FineTuneChat.Datasets.Chats;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Formats;

/// <summary>Makes a conversation of a row, whose format is known by its keys. Not thread-safe: it remembers the shapes that it has seen.</summary>
internal sealed class RowFormat(DatasetOptions options, DatasetReport report)
{
    private const int ShownRows = 3, KnownShapes = 1_000;

    private readonly Dictionary<string, RowShape> _shapes = [];
    private int _shown;

    /// <summary>The conversation is null where the row is a preference that is not taken as an example.</summary>
    /// <exception cref="RowException">The row is of no known format, or a value is not allowed.</exception>
    public (PreferenceRow? Preference, Conversation? Conversation) Read(JsonElement row, RowNotes notes)
    {
        if (MessageList.IsList(row))
            return (null, new Conversation(MessageList.Read(row, "row", notes)));
        if (row.ValueKind != JsonValueKind.Object)
            throw new RowException($"a row must be a JSON object, not {RowFields.KindOf(row)}");
        if (options.Map is null && ChatExport.Read(row, notes) is { } chat)
            return (null, chat);
        RowShape shape = ShapeOf(row);
        Show(row, shape);
        if (shape.Names.Count == 0)
            throw new RowException("the row is empty");
        if (!shape.IsSure)
            throw shape.Problem();
        TellOf(row, shape, notes);
        if (shape.Has(Field.Chosen) && shape.Has(Field.Rejected))
            return PreferenceFormat.ReadDpo(row, shape, options, notes);
        if (PreferenceFormat.LabelOf(row, shape[Field.Label]) is { } isGood)
            return PreferenceFormat.ReadKto(row, shape, isGood, options, notes);
        return (null, shape[Field.Messages] is { } key
            ? new Conversation([.. PairFormat.SystemOf(row, shape), .. MessageList.Read(Value(row, key), key, notes)], ToolList.Read(row, shape[Field.Tools]))
            : PairFormat.Read(row, shape, notes));
    }

    private static JsonElement Value(JsonElement row, string key) =>
        row.Has(key) ? row.GetProperty(key) : throw new RowException($"{key} is missing");

    private RowShape ShapeOf(JsonElement row)
    {
        string[] names = [.. row.EnumerateObject().Select(p => p.Name).Distinct()];
        string known = string.Join('\0', names);
        if (_shapes.TryGetValue(known, out RowShape? shape))
            return shape;
        shape = RowShape.Of(names, options.Map);
        if (_shapes.Count < KnownShapes) // a hostile file has another one in every row
            _shapes[known] = shape;
        return shape;
    }

    /// <summary>Keeps the first values for who has to say what the columns are.</summary>
    private void Show(JsonElement row, RowShape shape)
    {
        if (_shown++ >= ShownRows)
            return;
        (string? prompt, string? reply) = shape.IsSure ? default : shape.Suggestion();
        foreach (JsonProperty column in row.EnumerateObject())
        {
            string? use =
                shape.UseOf(column.Name) is { } field ? ColumnMap.NameOf(field) : column.Name == prompt ? "prompt" : column.Name == reply ? "reply" : null;
            string? value = column.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => column.Value.GetString(),
                _ => column.Value.GetRawText(),
            };
            report.Show(column.Name, use, value, shape.IsSure);
        }
    }

    private static void TellOf(JsonElement row, RowShape shape, RowNotes notes)
    {
        foreach (Field field in shape.Guessed)
            notes.Tell(
                NoticeKinds.GuessedColumns,
                $"\"{shape[field]}\" is taken for the {ColumnMap.NameOf(field)}, because nothing else can be it; if it is not, say what is with --map");
        foreach (string name in shape.Unused)
            if (row.TryGetProperty(name, out JsonElement value) && !IsEmpty(value)
                && !(name == shape[Field.Label] && PreferenceFormat.LabelOf(row, name) is not null))
                notes.Tell(NoticeKinds.ExtraColumns, $"\"{name}\" is not used");
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.GetString()),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
