using FineTuneChat.Datasets.Tables;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>All sheets of an Excel workbook, each under its name.</summary>
internal static class SheetFormat
{
    public static string Read(Stream stream, PassageWriter passages)
    {
        foreach ((string name, IEnumerable<TableRow> rows) in Workbook.Sheets(stream, passages.Limits.OfTables))
        {
            passages.Open(1, name);
            var table = new TableText(passages);
            foreach (TableRow row in rows)
                table.Add(row);
        }
        return "Excel";
    }
}
