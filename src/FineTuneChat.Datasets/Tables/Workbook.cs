using System.Globalization;
using System.Text;
using ExcelDataReader;

namespace FineTuneChat.Datasets.Tables;

/// <summary>The first sheet of an XLSX file.</summary>
internal static class Workbook
{
    // ExcelDataReader asks for code page 1252, whatever the file. Before any of it is used: even its configuration asks.
    static Workbook() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>All rows from the first, empty ones too. A row is read cell by cell: who takes two columns of a thousand pays for two.</summary>
    /// <exception cref="InvalidDataException">It is larger than is allowed.</exception>
    public static IEnumerable<TableRow> Rows(Stream stream, DatasetLimits limits)
    {
        WorkbookSize.Check(stream, limits);
        stream.Position = 0;
        using IExcelDataReader sheet = ExcelReaderFactory.CreateOpenXmlReader(stream, new ExcelReaderConfiguration { LeaveOpen = true });

        // Known from the cells that there are, not from what the sheet says of itself. Both before the first row: the reader makes room for all columns.
        if (sheet.FieldCount > limits.Columns)
            throw new InvalidDataException(
                $"it has a cell in column {sheet.FieldCount:N0}; at most {limits.Columns:N0} columns are read. Delete what stands to the right of the data.");
        if (sheet.RowCount > limits.Rows)
            throw new InvalidDataException(
                $"it has a cell in row {sheet.RowCount:N0}; at most {limits.Rows:N0} rows are read. Delete what stands below the data, or split the file.");
        while (sheet.Read())
            yield return new TableRow(sheet.FieldCount, column => Convert.ToString(sheet.GetValue(column), CultureInfo.InvariantCulture));
    }
}
