using System.Globalization;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Syntax;

/// <summary>Whole and broken numbers of a template: decimal, 0x, 0o, 0b.</summary>
internal static class NumberLiteral
{
    public static Value Read(Token token)
    {
        if (token.Kind == TokenKind.Float)
            return new FloatValue(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture));
        try
        {
            return new IntegerValue(ParseInteger(token.Text), Origin.Template);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new TemplateException(TemplateError.Syntax, $"'{token.Text}' is no whole number of at most 127 bits.", token.Position);
        }
    }

    private static Int128 ParseInteger(string text) => text switch
    {
        ['0', 'x' or 'X', .. var hex] => Int128.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        ['0', 'b' or 'B', .. var binary] => Int128.Parse(binary, NumberStyles.BinaryNumber, CultureInfo.InvariantCulture),
        ['0', 'o' or 'O', .. var octal] =>
            octal.Aggregate(Int128.Zero, (sum, digit) => digit is >= '0' and <= '7' ? checked(sum * 8 + (digit - '0')) : throw new FormatException()),
        _ => Int128.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture),
    };
}
