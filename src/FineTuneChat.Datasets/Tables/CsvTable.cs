using CsvHelper;

namespace FineTuneChat.Datasets.Tables;

/// <summary>
/// Comma-separated values (RFC 4180), or separated by what the first lines have: semicolon, tab, bar. Read as a stream: no more than a row is held.
/// </summary>
internal static class CsvTable
{
    /// <summary>All rows from the first, empty ones too: by their number errors are found.</summary>
    /// <exception cref="InvalidDataException">A row is larger than is allowed, or a quote is opened and never closed.</exception>
    public static IEnumerable<TableRow> Rows(Stream stream, DatasetLimits limits)
    {
        int number = 0;
        using var csv = CsvReader.Create(stream, new CsvReaderOptions
        {
            HasHeader = false,
            SkipEmptyLines = false,
            MaxRecordSize = limits.RowBytes,
            OnMalformedRecord = record =>
            {
                if (record.Reason == CsvMalformedReason.UnterminatedQuote)
                    throw new InvalidDataException($"in row {number} a quote is opened and never closed.");
            },
        }, leaveOpen: true);
        while (Read())
        {
            if (csv.FieldCount > limits.Columns)
                throw new InvalidDataException(
                    $"row {number} has {csv.FieldCount:N0} columns; at most {limits.Columns:N0} are read. See whether its quotes are closed.");
            yield return new TableRow(csv.FieldCount, csv.GetString);
        }

        bool Read()
        {
            number++;
            try
            {
                return csv.Read();
            }
            catch (CsvFormatException e)
            {
                throw new InvalidDataException(
                    $"row {number} is longer than {limits.RowBytes:N0} bytes, which is all that is allowed; see whether its quotes are closed.", e);
            }
        }
    }
}
