using System.Globalization;
using ExcelDataReader;
using ExcelNumberFormat;

namespace FineTuneChat.Datasets.Tables;

/// <summary>
/// The text of a cell as its sheet shows it. Formats that Excel shows as the machine's language has them (a plain date) are written so that nobody can
/// mistake day and month.
/// </summary>
internal sealed class CellText
{
    // Excel's own formats that depend on the language: dates and times, by their numbers.
    private static readonly Dictionary<int, string> OfTheLanguage = new()
    {
        [14] = "yyyy-mm-dd", [20] = "hh:mm", [21] = "hh:mm:ss", [22] = "yyyy-mm-dd hh:mm",
    };

    private readonly Dictionary<string, NumberFormat> _formats = [];

    /// <summary>Null where the cell is empty.</summary>
    public string? Of(IExcelDataReader sheet, int column)
    {
        object? value = sheet.GetValue(column);
        return value switch
        {
            null => null,
            string text => text,
            bool truth => truth ? "TRUE" : "FALSE",
            _ => Formatted(value, sheet.GetNumberFormatIndex(column), sheet.GetNumberFormatString(column)),
        };
    }

    private string Formatted(object value, int index, string? given)
    {
        string pattern = OfTheLanguage.GetValueOrDefault(index) ?? (string.IsNullOrEmpty(given) ? "General" : given);
        if (value is TimeSpan span && !pattern.Contains('['))
            value = DateTime.UnixEpoch + span; // a time of the day, of which the date is not shown
        if (pattern == "General")
            return value is double number ? number.ToString("G15", CultureInfo.InvariantCulture) : Plain(value);
        if (!_formats.TryGetValue(pattern, out NumberFormat? format) && _formats.Count < 1_000)
            _formats[pattern] = format = new NumberFormat(pattern);
        string? text = format is { IsValid: true } ? format.Format(value, CultureInfo.InvariantCulture) : null;
        return string.IsNullOrWhiteSpace(text) ? Plain(value) : text.Trim();
    }

    private static string Plain(object value) => value switch
    {
        DateTime date => date.ToString(date.TimeOfDay == default ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
