using System.Globalization;
using System.Text;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Python's <c>strftime</c> in its C locale. An unknown directive stays as it is.</summary>
internal static class Strftime
{
    public static string Format(DateTimeOffset now, string format)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            bool isUnpadded = format[i + 1] == '-' && i + 2 < format.Length;
            char directive = format[isUnpadded ? i + 2 : i + 1];
            string? part = Directive(now, directive);
            i += isUnpadded ? 2 : 1;
            if (part is null)
                text.Append('%').Append(isUnpadded ? "-" : "").Append(directive);
            else
                text.Append(isUnpadded && part.TrimStart('0', ' ') is { Length: > 0 } trimmed ? trimmed : part);
        }
        return text.ToString();
    }

    private static string? Directive(DateTimeOffset now, char directive) => directive switch
    {
        'Y' => now.ToString("yyyy", CultureInfo.InvariantCulture),
        'y' => now.ToString("yy", CultureInfo.InvariantCulture),
        'm' => now.ToString("MM", CultureInfo.InvariantCulture),
        'd' => now.ToString("dd", CultureInfo.InvariantCulture),
        'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'b' or 'h' => now.ToString("MMM", CultureInfo.InvariantCulture),
        'B' => now.ToString("MMMM", CultureInfo.InvariantCulture),
        'a' => now.ToString("ddd", CultureInfo.InvariantCulture),
        'A' => now.ToString("dddd", CultureInfo.InvariantCulture),
        'H' => now.ToString("HH", CultureInfo.InvariantCulture),
        'I' => now.ToString("hh", CultureInfo.InvariantCulture),
        'M' => now.ToString("mm", CultureInfo.InvariantCulture),
        'S' => now.ToString("ss", CultureInfo.InvariantCulture),
        'f' => now.ToString("ffffff", CultureInfo.InvariantCulture),
        'p' => now.ToString("tt", CultureInfo.InvariantCulture),
        'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'u' => (now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'D' => now.ToString("MM/dd/yy", CultureInfo.InvariantCulture),
        'F' => now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        'T' => now.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        'R' => now.ToString("HH:mm", CultureInfo.InvariantCulture),
        'c' => Format(now, "%a %b %e %H:%M:%S %Y"),
        'x' => Format(now, "%m/%d/%y"),
        'X' => Format(now, "%H:%M:%S"),
        'Z' or 'z' => "", // a naive datetime has no zone
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };
}
