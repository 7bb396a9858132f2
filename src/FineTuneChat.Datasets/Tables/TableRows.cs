using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using FineTuneChat.Datasets.Files;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tables;

/// <summary>Tables as the rows of JSON that dataset files are: one row names the keys, each below it is an example.</summary>
internal sealed class TableRows(ColumnMap? map, DatasetLimits limits, ReadingTime time, DatasetReport report)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Row N of the table, counted from 1 with its names, has the number N. Empty rows are passed over.</summary>
    /// <param name="rows">All rows of the table.</param>
    /// <param name="isText">Whether a cell too many shows that a separator is no separator.</param>
    /// <exception cref="InvalidDataException">It is larger than is allowed.</exception>
    public IEnumerable<RawRow> Read(IEnumerable<TableRow> rows, bool isText)
    {
        (string Name, int Column)[]? columns = null;
        var above = new List<TableRow>();
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        int number = 0;
        long cells = 0;
        foreach (TableRow read in rows)
        {
            time.Check();
            if (++number > limits.Rows)
                throw new InvalidDataException($"it has more than {limits.Rows:N0} rows, which is all that is allowed; split the file.");
            if (columns is null)
            {
                // Kept until it is known which of them names the columns.
                above.Add(read.Kept());
                if (above.Count < HeaderRow.Searched && map is not { IsByPlace: true } && !HeaderRow.IsSure(above[^1], map))
                    continue;
                foreach (RawRow row in Begin())
                    yield return row;
                continue;
            }
            if (Next(read, number) is { } next)
                yield return next;
        }
        if (columns is null)
            foreach (RawRow row in Begin())
                yield return row;

        IEnumerable<RawRow> Begin()
        {
            int header = map is { IsByPlace: true } ? -1 : HeaderRow.Find(above, map);
            columns = header >= 0
                ? HeaderRow.Names(above[header])
                : [.. Enumerable.Range(0, above.Max(r => (int?)r.Columns) ?? 0).Select(c => ($"#{c + 1}", c))];
            for (int i = 0; i < header; i++)
                if (above[i].CountFilled() > 0)
                    report.Tell(NoticeKinds.TitleRows, "rows above the names of the columns: they are not read", i + 1);
            for (int i = header + 1; i < above.Count; i++)
                if (Next(above[i], i + 1) is { } next)
                    yield return next;
            above.Clear();
        }

        RawRow? Next(TableRow row, int place)
        {
            if ((cells += columns.Length) > limits.Cells)
                throw new InvalidDataException(
                    $"its first {place:N0} rows have {cells:N0} cells in {columns.Length:N0} named columns; "
                    + $"at most {limits.Cells:N0} are read. Split the file.");
            int last = columns.Length == 0 ? -1 : columns[^1].Column;
            for (int column = last + 1; column < row.Columns && column <= last + 20; column++)
                if (!string.IsNullOrWhiteSpace(row.Cell(column)))
                {
                    if (isText)
                        return new RawRow(place, default, $"has {row.Columns} values for {last + 1} columns: put a text that holds the separator in quotes");
                    report.Tell(NoticeKinds.ExtraColumns, $"column {column + 1} has no name and is not used", place);
                }
            buffer.ResetWrittenCount();
            if (!Write(json, columns, row, place))
            {
                report.Tell(NoticeKinds.EmptyRows, "empty rows", place);
                return null;
            }
            return buffer.WrittenCount <= limits.RowBytes
                ? new RawRow(place, buffer.WrittenMemory)
                : new RawRow(place, default, $"longer than {limits.RowBytes} bytes");
        }
    }

    /// <summary>False when the row has nothing in these columns. An empty cell is null: so every row has the same keys.</summary>
    private bool Write(Utf8JsonWriter json, (string Name, int Column)[] columns, TableRow row, int number)
    {
        bool isEmpty = true;
        json.Reset();
        json.WriteStartObject();
        foreach ((string name, int column) in columns)
        {
            string? cell = column < row.Columns ? row.Cell(column) : null;
            if (string.IsNullOrWhiteSpace(cell))
            {
                json.WriteNull(name);
                continue;
            }
            if (cell.Length > limits.CellCharacters)
                throw new InvalidDataException(
                    $"row {number} has {cell.Length:N0} characters in the column {name}; a cell may have {limits.CellCharacters:N0}. Shorten it.");
            isEmpty = false;
            if (json.BytesPending + json.BytesCommitted <= limits.RowBytes) // of a row that is too long already no more is held
                json.WriteString(name, cell);
        }
        json.WriteEndObject();
        json.Flush();
        return !isEmpty;
    }
}
