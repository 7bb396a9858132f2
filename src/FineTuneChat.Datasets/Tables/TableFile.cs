using System.Globalization;
using System.Text;
using System.Text.Json;
using ExcelDataReader;

namespace FineTuneChat.Datasets.Tables;

/// <summary>Tables (CSV, XLSX) as the JSON lines that dataset files are: the first row names the keys, each other row is an example.</summary>
internal static class TableFile
{
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static TableFile() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance); // ExcelDataReader asks for code page 1252, whatever the file

    public static bool IsTable(string file) => Path.GetExtension(file).ToLowerInvariant() is ".csv" or ".tsv" or ".xlsx";

    /// <summary>Row N of the table is line N.</summary>
    /// <exception cref="InvalidDataException">It is no such table.</exception>
    public static Stream ToJsonLines(Stream stream, string file)
    {
        var lines = new MemoryStream();
        try
        {
            string[]? names = null;
            foreach (string?[] row in Path.GetExtension(file).Equals(".xlsx", StringComparison.OrdinalIgnoreCase) ? Sheet(stream) : Text(stream))
            {
                if (names is null)
                    names = [.. row.Select(name => (name ?? "").Trim().ToLowerInvariant())];
                else if (row.Any(cell => !string.IsNullOrWhiteSpace(cell)))
                    Write(lines, names, row);
                lines.WriteByte((byte)'\n');
            }
        }
        catch (Exception e) when (e is ExcelDataReader.Exceptions.ExcelReaderException or System.Xml.XmlException or FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"{file} cannot be read as a table: {e.Message.Split('\n')[0].Trim()}", e);
        }
        lines.Position = 0;
        return lines;
    }

    private static IEnumerable<string?[]> Text(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        return CsvText.Rows(reader.ReadToEnd());
    }

    /// <summary>The first sheet.</summary>
    private static IEnumerable<string?[]> Sheet(Stream stream)
    {
        using IExcelDataReader table = ExcelReaderFactory.CreateOpenXmlReader(stream, new ExcelReaderConfiguration { LeaveOpen = true });
        while (table.Read())
            yield return [.. Enumerable.Range(0, table.FieldCount).Select(i => Convert.ToString(table.GetValue(i), CultureInfo.InvariantCulture))];
    }

    private static void Write(Stream lines, string[] names, string?[] row)
    {
        using var json = new Utf8JsonWriter(lines, Options);
        json.WriteStartObject();
        foreach ((string name, string? cell) in names.Zip(row).DistinctBy(pair => pair.First))
            if (name.Length > 0 && !string.IsNullOrWhiteSpace(cell))
                json.WriteString(name, cell);
        json.WriteEndObject();
    }
}
