using System.Globalization;
using System.Text.Unicode;

namespace FineTuneChat.Protocol.OpenAi;

/// <summary>
/// Whether JSON is made of whole characters. .NET's reader finds out only where a text is taken out of an element, and then by an exception
/// of its own; here it is found out before anything is read.
/// </summary>
internal static class UnicodeText
{
    private const int EscapeLength = 6; // \u1234

    public static bool IsValid(ReadOnlySpan<byte> json) => Utf8.IsValid(json) && HasWholeEscapes(json);

    /// <summary>Halves of characters outside the first 65,536 come in pairs.</summary>
    private static bool HasWholeEscapes(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf((byte)'\\') is >= 0 and int at)
        {
            json = json[at..];
            char unit = Escaped(json);
            if (char.IsLowSurrogate(unit))
                return false;
            bool isPair = char.IsHighSurrogate(unit);
            if (isPair && !char.IsLowSurrogate(Escaped(json[EscapeLength..])))
                return false;
            json = json[Math.Min(json.Length, isPair ? 2 * EscapeLength : 2)..];
        }
        return true;
    }

    /// <summary>The UTF-16 unit that an escape at the beginning stands for; 0 when there is none.</summary>
    private static char Escaped(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength && json[..2].SequenceEqual("\\u"u8)
            && ushort.TryParse(json[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit)
                ? (char)unit
                : '\0';
}
