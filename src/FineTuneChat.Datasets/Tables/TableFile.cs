using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FineTuneChat.Datasets.Tables;

/// <summary>Tables (CSV, XLSX) as the rows of JSON that dataset files are: the first row names the keys, each other row is an example.</summary>
internal static class TableFile
{
    private const int ReasonCharacters = 300; // of a library's message: one of them repeats all that it has read

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool IsTable(string file) => Path.GetExtension(file).ToLowerInvariant() is ".csv" or ".tsv" or ".xlsx";

    /// <summary>Row N of the table, counted from 1 with its names, has the number N. Empty rows are passed over.</summary>
    /// <exception cref="InvalidDataException">It is no such table, or larger than is allowed.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    public static IEnumerable<RawRow> Read(Stream stream, string file, DatasetLimits limits, ReadingTime time)
    {
        using IEnumerator<RawRow> rows = Read(Rows(stream, file, limits), limits, time).GetEnumerator();
        while (MoveNext(rows, file))
            yield return rows.Current;
    }

    private static bool MoveNext(IEnumerator<RawRow> rows, string file)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (Exception e) when (e is not OperationCanceledException) // of a damaged workbook the library throws what it likes
        {
            string reason = e.Message.Split('\n')[0].Trim();
            reason = reason.Length <= ReasonCharacters ? reason : reason[..ReasonCharacters] + "…";
            throw new InvalidDataException($"{file} cannot be read as a table: {reason}", e);
        }
    }

    private static IEnumerable<RawRow> Read(IEnumerable<TableRow> rows, DatasetLimits limits, ReadingTime time)
    {
        (string Name, int Column)[]? columns = null;
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        int number = 0;
        long cells = 0;
        foreach (TableRow row in rows)
        {
            time.Check();
            if (++number > limits.Rows)
                throw new InvalidDataException($"it has more than {limits.Rows:N0} rows, which is all that is allowed; split the file.");
            if (columns is null)
            {
                columns = Named(row);
                continue;
            }
            if ((cells += columns.Length) > limits.Cells)
                throw new InvalidDataException(
                    $"its first {number:N0} rows have {cells:N0} cells in {columns.Length:N0} named columns; "
                    + $"at most {limits.Cells:N0} are read. Split the file.");
            buffer.ResetWrittenCount();
            if (Write(json, columns, row, number, limits))
                yield return buffer.WrittenCount <= limits.RowBytes
                    ? new RawRow(number, buffer.WrittenMemory)
                    : new RawRow(number, default, $"longer than {limits.RowBytes} bytes");
        }
    }

    private static IEnumerable<TableRow> Rows(Stream stream, string file, DatasetLimits limits) =>
        Path.GetExtension(file).Equals(".xlsx", StringComparison.OrdinalIgnoreCase) ? Workbook.Rows(stream, limits) : CsvTable.Rows(stream, limits);

    /// <summary>The columns that have a name, by the first that has it.</summary>
    private static (string Name, int Column)[] Named(TableRow row) =>
    [
        .. Enumerable.Range(0, row.Columns).Select(column => ((row.Cell(column) ?? "").Trim().ToLowerInvariant(), column))
            .Where(c => c.Item1.Length > 0).DistinctBy(c => c.Item1),
    ];

    /// <summary>False when the row has nothing in these columns.</summary>
    private static bool Write(Utf8JsonWriter json, (string Name, int Column)[] columns, TableRow row, int number, DatasetLimits limits)
    {
        bool isEmpty = true;
        json.Reset();
        json.WriteStartObject();
        foreach ((string name, int column) in columns)
        {
            string? cell = column < row.Columns ? row.Cell(column) : null;
            if (string.IsNullOrWhiteSpace(cell))
                continue;
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
