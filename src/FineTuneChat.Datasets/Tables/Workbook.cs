using System.Globalization;
using System.Text;
using ExcelDataReader;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tables;

/// <summary>The first sheet of an XLSX file that is shown and has data.</summary>
internal static class Workbook
{
    // ExcelDataReader asks for code page 1252, whatever the file. Before any of it is used: even its configuration asks.
    static Workbook() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>All rows from the first, empty ones too. A row is read cell by cell: who takes two columns of a thousand pays for two.</summary>
    /// <exception cref="InvalidDataException">It is larger than is allowed.</exception>
    public static IEnumerable<TableRow> Rows(Stream stream, DatasetLimits limits, DatasetReport report)
    {
        WorkbookSize.Check(stream, limits, cell => report.Tell(
            NoticeKinds.CellErrors, "cells that hold an error instead of a value: they are read as empty", RowOf(cell), cell));
        stream.Position = 0;
        using IExcelDataReader sheet = ExcelReaderFactory.CreateOpenXmlReader(stream, new ExcelReaderConfiguration { LeaveOpen = true });
        Choose(sheet, report);
        report.Format = $"Excel, sheet \"{sheet.Name}\"";

        CheckShape(sheet, limits);
        foreach (TableRow row in RowsOf(sheet))
            yield return row;
    }

    /// <summary>All sheets that are shown, with all their rows; each is to be read to its end before the next one.</summary>
    /// <exception cref="InvalidDataException">It is larger than is allowed.</exception>
    public static IEnumerable<(string Name, IEnumerable<TableRow> Rows)> Sheets(Stream stream, DatasetLimits limits)
    {
        WorkbookSize.Check(stream, limits, cellWithError: _ => { });
        stream.Position = 0;
        using IExcelDataReader sheet = ExcelReaderFactory.CreateOpenXmlReader(stream, new ExcelReaderConfiguration { LeaveOpen = true });
        do
        {
            if (sheet.VisibleState != "visible")
                continue;
            CheckShape(sheet, limits);
            yield return (sheet.Name, RowsOf(sheet));
        }
        while (sheet.NextResult());
    }

    private static IEnumerable<TableRow> RowsOf(IExcelDataReader sheet)
    {
        var text = new CellText();
        while (sheet.Read())
            yield return new TableRow(sheet.FieldCount, column => text.Of(sheet, column));
    }

    /// <summary>
    /// Known from the cells that there are, not from what the sheet says of itself. Before the first row: the reader makes room for all columns.
    /// </summary>
    private static void CheckShape(IExcelDataReader sheet, DatasetLimits limits)
    {
        if (sheet.FieldCount > limits.Columns)
            throw new InvalidDataException(
                $"it has a cell in column {sheet.FieldCount:N0}; at most {limits.Columns:N0} columns are read. Delete what stands to the right of the data.");
        if (sheet.RowCount > limits.Rows)
            throw new InvalidDataException(
                $"it has a cell in row {sheet.RowCount:N0}; at most {limits.Rows:N0} rows are read. Delete what stands below the data, or split the file.");
    }

    private static int RowOf(string cell) =>
        int.TryParse(cell.AsSpan().TrimStart("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), CultureInfo.InvariantCulture, out int row) ? row : 0;

    private static void Choose(IExcelDataReader sheet, DatasetReport report)
    {
        List<(string Name, bool IsShown)> filled = [];
        do
        {
            if (sheet.RowCount > 0)
                filled.Add((sheet.Name, sheet.VisibleState == "visible"));
        }
        while (sheet.NextResult());
        sheet.Reset();
        if (filled.Count == 0)
            return;
        string chosen = filled.Find(s => s.IsShown).Name ?? filled[0].Name;
        foreach ((string name, bool isShown) in filled)
            if (name != chosen)
                report.Tell(NoticeKinds.OtherParts, $"the {(isShown ? "" : "hidden ")}sheet \"{name}\" is not read");
            else if (!isShown)
                report.Tell(NoticeKinds.OtherParts, $"the sheet \"{name}\" is read although it is hidden: no other one has data");
        while (sheet.Name != chosen && sheet.NextResult())
        {
        }
    }
}
