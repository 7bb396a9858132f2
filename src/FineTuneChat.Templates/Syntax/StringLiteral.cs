using System.Globalization;
using System.Text;

namespace FineTuneChat.Templates.Syntax;

/// <summary>Reads a quoted string with Python's escapes; an unknown escape keeps its backslash, as in Python.</summary>
internal static class StringLiteral
{
    public static string Read(SourceReader source)
    {
        Position position = source.Position;
        char quote = source.Take(1)[0];
        var text = new StringBuilder();
        while (source.Peek(0) != quote)
        {
            if (source.AtEnd)
                throw new TemplateException(TemplateError.Syntax, $"this string has no end; it is closed by {quote}.", position);
            if (source.Peek(0) == '\\')
                ReadEscape(source, text, position);
            else
                text.Append(source.Take(1));
        }
        source.Take(1);
        return text.ToString();
    }

    private static void ReadEscape(SourceReader source, StringBuilder text, Position position)
    {
        source.Take(1);
        if (source.AtEnd)
            throw new TemplateException(TemplateError.Syntax, "this string has no end.", position);
        char c = source.Take(1)[0];
        switch (c)
        {
            case '\n': break; // a line continued
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case 'a': text.Append('\a'); break;
            case '\\' or '\'' or '"': text.Append(c); break;
            case 'x': AppendHex(source, text, 2, position); break;
            case 'u': AppendHex(source, text, 4, position); break;
            case 'U': AppendHex(source, text, 8, position); break;
            case >= '0' and <= '7': AppendOctal(source, text, c); break;
            default: text.Append('\\').Append(c); break;
        }
    }

    private static void AppendHex(SourceReader source, StringBuilder text, int digits, Position position)
    {
        int value = 0;
        for (int i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit(source.Peek(0)))
                throw new TemplateException(TemplateError.Syntax, $"an escape in this string needs {digits} hexadecimal digits.", position);
            value = (value << 4) | int.Parse(source.Take(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
        if (value <= char.MaxValue)
            text.Append((char)value);
        else if (Rune.IsValid(value))
            text.Append(new Rune(value).ToString());
        else
            throw new TemplateException(TemplateError.Syntax, "an escape in this string is not a Unicode character; the last is \\U0010FFFF.", position);
    }

    private static void AppendOctal(SourceReader source, StringBuilder text, char first)
    {
        int value = first - '0';
        for (int i = 0; i < 2 && source.Peek(0) is >= '0' and <= '7'; i++)
            value = value * 8 + (source.Take(1)[0] - '0');
        text.Append((char)value);
    }
}
