using System.Collections.Concurrent;

namespace FineTuneChat.Starter.Corpus;

/// <summary>An embedded table: a header line and rows, columns divided by <c>|</c>.</summary>
internal sealed class Table
{
    private static readonly ConcurrentDictionary<string, Table> Loaded = new();

    private Table(string name)
    {
        var lines = Resources.Lines($"Tables/{name}.txt");
        Columns = lines[0].Split('|');
        Rows = [.. lines.Skip(1).Select(line => ToRow(name, line))];
    }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>Each row by column name.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Rows { get; }

    public static Table Get(string name) => Loaded.GetOrAdd(name, n => new Table(n));

    /// <summary>One column of all rows.</summary>
    public IReadOnlyList<string> Column(string column) => [.. Rows.Select(r => r[column])];

    private Dictionary<string, string> ToRow(string name, string line)
    {
        var cells = line.Split('|');
        if (cells.Length != Columns.Count)
            throw new InvalidDataException($"Tables/{name}.txt: \"{line}\" has {cells.Length} cells, the header {Columns.Count}.");
        return Columns.Zip(cells).ToDictionary(c => c.First, c => c.Second);
    }
}
