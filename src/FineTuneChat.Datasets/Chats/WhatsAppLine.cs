using System.Globalization;
using System.Text.RegularExpressions;

namespace FineTuneChat.Datasets.Chats;

/// <summary>
/// The first line of a message in WhatsApp's text export: Android writes <c>12/03/24, 10:15 - Ana: Hola</c>, iOS <c>[12/03/24, 10:15:32] Ana: Hola</c>; day,
/// month and clock as the telephone's language has them.
/// </summary>
/// <param name="First">The first number of the date.</param>
/// <param name="Second">The second.</param>
/// <param name="Third">The third.</param>
/// <param name="Time">Of the day.</param>
/// <param name="Name">Who wrote it; null: WhatsApp itself.</param>
/// <param name="Text">What they wrote, up to the end of the line.</param>
internal sealed partial record WhatsAppLine(int First, int Second, int Third, TimeSpan Time, string? Name, string Text)
{
    /// <summary>Null for any other line.</summary>
    public static WhatsAppLine? Read(string line)
    {
        Match match = Head().Match(Plain(line));
        if (!match.Success || !TryTime(match, out TimeSpan time))
            return null;
        string rest = match.Groups["rest"].Value;
        int colon = rest.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0 && rest.EndsWith(':'))
            colon = rest.Length - 1;
        return new(
            Number(match, "a"), Number(match, "b"), Number(match, "c"), time, colon is > 0 and < 80 ? rest[..colon] : null,
            colon is > 0 and < 80 ? rest[Math.Min(rest.Length, colon + 2)..] : rest);
    }

    /// <summary>Without the marks of direction that WhatsApp puts in, and with plain spaces.</summary>
    public static string Plain(string line) => Marks().Replace(line, "").Replace('\u202F', ' ').Replace('\u00A0', ' ');

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static bool TryTime(Match match, out TimeSpan time)
    {
        int hour = Number(match, "h"), minute = Number(match, "m"), second = match.Groups["s"].Success ? Number(match, "s") : 0;
        string half = match.Groups["half"].Value.ToLowerInvariant();
        if (half.Length > 0)
            hour = hour % 12 + (half[0] == 'p' ? 12 : 0);
        time = new TimeSpan(hour, minute, second);
        return hour < 24 && minute < 60 && second < 60;
    }

    [GeneratedRegex(
        @"^\[?(?<a>\d{1,4})[/.\-](?<b>\d{1,2})[/.\-](?<c>\d{2,4}),? "
        + @"(?<h>\d{1,2})[:.](?<m>\d{2})(?:[:.](?<s>\d{2}))?(?: ?(?<half>[ap])\.? ?m\.?)?(?:\] | [-–] )(?<rest>.*)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Head();

    [GeneratedRegex("[\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]")]
    private static partial Regex Marks();
}
