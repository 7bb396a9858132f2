using System.Globalization;
using System.Text.RegularExpressions;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Python's format specification, <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>.</summary>
internal sealed partial class FormatSpec
{
    private readonly Match _parts;

    private FormatSpec(Match parts) => _parts = parts;

    public static FormatSpec Parse(string spec)
    {
        Match parts = Pattern().Match(spec);
        return parts.Success
            ? new FormatSpec(parts)
            : throw new TemplateException(
                $"the format '{spec}' is unknown; allowed is [[fill]align][sign][#][0][width][,][.precision][type] with the types s, d, f, e, g, x, X, o, "
                + "b, c, %.");
    }

    public TextValue Apply(Value value, RenderContext context)
    {
        bool isNumber = Numbers.IsNumber(value) && Part("type") != "s";
        TextValue text = isNumber ? new TextValue(Number(value), value is IntegerValue whole ? whole.Origin : Origin.Data) : Text(value, context);
        Int128 width = Part("width") is { Length: > 0 } digits ? Int128.Parse(digits, CultureInfo.InvariantCulture) : 0;
        char align = Part("align") is [var given] ? given : isNumber ? '>' : '<';
        char fill = Part("fill") is [var c] ? c : Part("zero").Length > 0 ? '0' : ' ';
        if (align != '=' && !(fill == '0' && Part("align").Length == 0 && isNumber))
            return TextParts.Pad(text, width, fill, align, context);
        int sign = text.Text is ['+' or '-' or ' ', ..] ? 1 : 0;
        TextValue digitsAlone = text.Slice(sign, text.Length - sign, context.Budget);
        return Operators.Concatenate(text.Slice(0, sign, context.Budget), TextParts.Pad(digitsAlone, width - sign, fill, '>', context), context);
    }

    private string Part(string name) => _parts.Groups[name].Value;

    private TextValue Text(Value value, RenderContext context)
    {
        TextValue text = PythonText.Of(value, context);
        return Precision is { } length && length < CodePoints.Count(text.Text) ? (TextValue)Slicing.Slice(text, 0, length, 1, context) : text;
    }

    private int? Precision => Part("precision") is { Length: > 0 } digits ? Math.Min(int.Parse(digits, CultureInfo.InvariantCulture), 100) : null;

    private string Number(Value value)
    {
        string digits = Part("type") switch
        {
            "x" => Radix(value, "x"),
            "X" => Radix(value, "X"),
            "b" => Radix(value, "b"),
            "o" => Octal(Magnitude(value)),
            "c" => char.ConvertFromUtf32((int)Int128.Clamp(Numbers.ToWhole(value), 0, 0xd7ff)),
            "f" or "F" => Fixed(value, 6),
            "%" => (Math.Abs(Numbers.ToDouble(value)) * 100).ToString("F" + (Precision ?? 6), CultureInfo.InvariantCulture) + "%",
            "e" or "E" => Exponent(Math.Abs(Numbers.ToDouble(value)), Precision ?? 6, Part("type")),
            "g" or "G" => Math.Abs(Numbers.ToDouble(value)).ToString("G" + (Precision ?? 6), CultureInfo.InvariantCulture),
            "" when value is FloatValue && Precision is null => PythonText.OfDouble(Math.Abs(Numbers.ToDouble(value))),
            "" when value is FloatValue => Math.Abs(Numbers.ToDouble(value)).ToString("G" + Precision, CultureInfo.InvariantCulture),
            _ => Magnitude(value).ToString(Part("comma").Length > 0 ? "N0" : "D", CultureInfo.InvariantCulture),
        };
        return Numbers.ToDouble(value) < 0 ? "-" + digits : Part("sign") is "+" or " " ? Part("sign") + digits : digits;
    }

    private string Fixed(Value value, int precision) =>
        Math.Abs(Numbers.ToDouble(value)).ToString((Part("comma").Length > 0 ? "N" : "F") + (Precision ?? precision), CultureInfo.InvariantCulture);

    private string Radix(Value value, string type) =>
        (Part("hash").Length > 0 ? "0" + type : "") + Magnitude(value).ToString(type, CultureInfo.InvariantCulture);

    // The lowest number has no positive counterpart.
    private static Int128 Magnitude(Value value) => Int128.Abs(Int128.Max(Numbers.ToWhole(value), -Int128.MaxValue));

    private static string Octal(Int128 number)
    {
        string digits = "";
        for (; number > 0; number >>= 3)
            digits = (char)('0' + (int)(number & 7)) + digits;
        return digits.Length > 0 ? digits : "0";
    }

    private static string Exponent(double number, int precision, string type) =>
        number.ToString((precision == 0 ? "0" : "0." + new string('0', precision)) + type + "+00", CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[+\- ])?(?<hash>#)?(?<zero>0)?"
        + @"(?<width>\d{1,9})?(?<comma>,)?(?:\.(?<precision>\d{1,3}))?(?<type>[sdfFeEgGxXobc%])?$", RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
