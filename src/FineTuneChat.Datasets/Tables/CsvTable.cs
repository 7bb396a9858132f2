using System.Text;
using CsvHelper;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tables;

/// <summary>
/// Comma-separated values (RFC 4180), or separated by what the first lines have: semicolon, tab, bar, or a rarer sign. Read as a stream: no more than a row is
/// held.
/// </summary>
internal static class CsvTable
{
    /// <summary>All that are looked for.</summary>
    public const string Separators = ",;\t|" + RareSeparators;

    private const string RareSeparators = "\u001F\u0001~^#"; // only where none of the common ones is there

    /// <summary>All rows from the first, empty ones too: by their number errors are found.</summary>
    /// <exception cref="InvalidDataException">A row is larger than is allowed, or a quote is opened and never closed.</exception>
    public static IEnumerable<TableRow> Rows(Stream utf8, ReadOnlyMemory<byte> head, DatasetLimits limits, DatasetReport report)
    {
        int number = 0;
        using var csv = CsvReader.Create(utf8, new CsvReaderOptions
        {
            HasHeader = false,
            SkipEmptyLines = false,
            MaxRecordSize = limits.RowBytes,
            Separator = RareSeparator(head.Span),
            OnMalformedRecord = record =>
            {
                if (record.Reason == CsvMalformedReason.UnterminatedQuote)
                    throw new InvalidDataException($"in row {number} a quote is opened and never closed.");
            },
        }, leaveOpen: true);
        while (Read())
        {
            if (number == 1)
                report.Format = $"CSV, separated by {NameOf(csv.Separator)}";
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

    private static char? RareSeparator(ReadOnlySpan<byte> head)
    {
        int end = head.IndexOfAny((byte)'\n', (byte)'\r');
        string line = Encoding.UTF8.GetString(end < 0 ? head : head[..end]);
        return line.IndexOfAny([',', ';', '\t', '|']) >= 0 || line.IndexOfAny([.. RareSeparators]) is not (>= 0 and var place) ? null : line[place];
    }

    private static string NameOf(char? separator) => separator switch
    {
        '\t' => "tabs",
        null => "nothing",
        < ' ' => $"the control character {(int)separator}",
        _ => $"\"{separator}\"",
    };
}
