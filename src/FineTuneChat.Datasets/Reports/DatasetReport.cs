namespace FineTuneChat.Datasets.Reports;

/// <summary>
/// What reading a file has found out about it, complete when its last row is read. Nothing is left out, changed or guessed without an entry here.
/// </summary>
public sealed class DatasetReport
{
    private const int NamedRows = 20, NamedDetails = 5, Kinds = 200, DetailCharacters = 160;

    private readonly Dictionary<(string Kind, string Text), Entry> _entries = [];
    private readonly List<DatasetColumn> _columns = [];

    /// <summary>What the file is, in words: <c>CSV, separated by ";"</c>.</summary>
    public string Format { get; internal set; } = "";

    /// <summary>The program that exported these chats, where the file is such an export; else null.</summary>
    public string? ChatProgram { get; internal set; }

    /// <summary>The text's encoding; null where the file is no text.</summary>
    public string? Encoding { get; internal set; }

    /// <summary>What the rows' numbers count: <c>line</c>, <c>row</c> (of a table) or <c>item</c> (of a list).</summary>
    public string Unit { get; internal set; } = "line";

    /// <summary>In the order in which they were first found.</summary>
    public IReadOnlyList<DatasetNotice> Notices =>
        [.. _entries.Select(e => new DatasetNotice(e.Key.Kind, e.Key.Text, e.Value.Count, e.Value.Rows, e.Value.Details))];

    /// <summary>The columns of a table, or the keys of the first rows, with what they are taken for.</summary>
    public IReadOnlyList<DatasetColumn> Columns => _columns;

    /// <summary>Of a chat between people: who writes in it, the one with the most messages first.</summary>
    public IReadOnlyList<DatasetSpeaker> Speakers { get; internal set; } = [];

    /// <summary>Of the whole file.</summary>
    internal void Tell(string kind, string text) => EntryOf(kind, text);

    /// <summary>Of a row.</summary>
    internal void Tell(string kind, string text, int row, string? detail = null)
    {
        if (EntryOf(kind, text) is not { } entry || entry.Last == row)
            return;
        (entry.Count, entry.Last) = (entry.Count + 1, row);
        if (entry.Rows.Count < NamedRows)
            entry.Rows.Add(row);
        if (detail is not null && entry.Details.Count < NamedDetails)
            entry.Details.Add(detail.Length <= DetailCharacters ? detail : detail[..DetailCharacters] + "…");
    }

    /// <summary>A column and a value of it, of which the first are kept.</summary>
    internal void Show(string name, string? use, string? value, bool isSure) => DatasetColumn.Add(_columns, name, use, value, isSure);

    private Entry? EntryOf(string kind, string text)
    {
        if (_entries.TryGetValue((kind, text), out Entry? entry))
            return entry;
        if (_entries.Count >= Kinds) // a hostile file has a million names of columns
            return null;
        return _entries[(kind, text)] = new Entry();
    }

    private sealed class Entry
    {
        public int Count { get; set; }

        public int Last { get; set; }

        public List<int> Rows { get; } = [];

        public List<string> Details { get; } = [];
    }
}
