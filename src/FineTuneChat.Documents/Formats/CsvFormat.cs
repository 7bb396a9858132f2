using System.Text;
using FineTuneChat.Datasets.Reports;
using FineTuneChat.Datasets.Tables;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>Comma-separated values, row by row.</summary>
internal static class CsvFormat
{
    public static string Read(DecodedText file, PassageWriter passages)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(file.Text);
        var table = new TableText(passages);
        foreach (TableRow row in CsvTable.Rows(new MemoryStream(utf8), utf8, passages.Limits.OfTables, new DatasetReport()))
            table.Add(row);
        return "table";
    }
}
