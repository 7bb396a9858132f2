using System.Diagnostics.CodeAnalysis;

namespace FineTuneChat.Datasets.Formats;

/// <summary>
/// What a user says of a file's columns: <c>prompt=Frage,reply=Antwort</c>. A column is named as the file names it, or by its place as <c>#1</c>: then the
/// first row is no row of names, but data.
/// </summary>
public sealed class ColumnMap
{
    /// <summary>The names before the equals sign, for messages.</summary>
    public const string Allowed = "system, prompt, input, reply, history, messages, chosen, rejected, label, tools";

    private ColumnMap(IReadOnlyDictionary<Field, string> columns) => Columns = columns;

    /// <summary>Whether columns are named by their place.</summary>
    public bool IsByPlace => Columns.Values.All(c => c.StartsWith('#'));

    internal IReadOnlyDictionary<Field, string> Columns { get; }

    /// <summary>Reads <c>prompt=Frage,reply=Antwort</c>.</summary>
    /// <param name="text">Pairs with commas between them.</param>
    /// <exception cref="FormatException">It is nothing like that; the message says what is allowed.</exception>
    public static ColumnMap Parse(string text) => Of(text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries) is [var field, var column]
            ? KeyValuePair.Create(field, column)
            : throw new FormatException($"'{pair}' is no pair such as prompt=Question.")));

    /// <summary>Takes pairs of what is meant and the column's name.</summary>
    /// <param name="pairs">Each of <see cref="Allowed"/> at most once.</param>
    /// <exception cref="FormatException">A name is not of <see cref="Allowed"/>, or too little is named for an example.</exception>
    public static ColumnMap Of(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var columns = new Dictionary<Field, string>();
        foreach ((string name, string column) in pairs)
        {
            if (column.Length == 0)
                throw new FormatException($"'{name}' names no column.");
            if (!TryField(name, out Field field))
                throw new FormatException($"'{name}' is nothing that a column can be; allowed: {Allowed}.");
            if (!columns.TryAdd(field, column))
                throw new FormatException($"'{name}' is named twice.");
        }
        bool isEnough = columns.ContainsKey(Field.Messages) || (columns.ContainsKey(Field.Chosen) && columns.ContainsKey(Field.Rejected))
            || (columns.ContainsKey(Field.Prompt) && columns.ContainsKey(Field.Reply));
        return isEnough ? new ColumnMap(columns) : throw new FormatException("Name at least prompt and reply, or messages, or chosen and rejected.");
    }

    /// <summary>How a field is written in a map.</summary>
    internal static string NameOf(Field field) => field.ToString().ToLowerInvariant();

    private static bool TryField(string name, [NotNullWhen(true)] out Field field) =>
        Enum.TryParse(name, ignoreCase: true, out field) && Enum.IsDefined(field) && !char.IsDigit(name[0]);
}
