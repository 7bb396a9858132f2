using FineTuneChat.Datasets.Tables;
using FineTuneChat.Documents.Reading;

namespace FineTuneChat.Documents.Formats;

/// <summary>The rows of a table as sentences that each say what their cells are: <c>Name: Ana; City: Lima</c>.</summary>
internal sealed class TableText(PassageWriter passages)
{
    private string[]? _names;
    private int _row;

    /// <summary>The first row with two values, or with one that has no second column, names the columns; what stands above it is text.</summary>
    public void Add(TableRow row)
    {
        _row++;
        int filled = row.CountFilled();
        if (filled == 0)
            return;
        Place place = new(PlaceKind.Row, _row);
        if (_names is null && (filled > 1 || row.Columns == 1))
        {
            _names = [.. Enumerable.Range(0, row.Columns).Select(c => (row.Cell(c) ?? "").Trim())];
            passages.Add(string.Join(" | ", _names.Where(n => n.Length > 0)), place);
            return;
        }
        passages.Add(string.Join("; ", Enumerable.Range(0, row.Columns)
            .Select(c => (Name: c < _names?.Length ? _names[c] : "", Value: row.Cell(c)?.Trim()))
            .Where(c => !string.IsNullOrEmpty(c.Value)).Select(c => c.Name.Length > 0 ? $"{c.Name}: {c.Value}" : c.Value)), place);
    }
}
