using System.Globalization;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Filters for any value, and for numbers.</summary>
internal static class ValueFilters
{
    public static Value Default(Value value, CallArguments arguments)
    {
        arguments.Only("default_value", "boolean");
        bool isMissing = value is UndefinedValue || (arguments.FindBool(1, "boolean") && !value.IsTrue);
        return isMissing ? arguments.Find(0, "default_value") ?? TextValue.Empty : value;
    }

    public static Value Length(Value value)
    {
        int length = value switch
        {
            TextValue text => CodePoints.Count(text.Text),
            ListValue list => list.Items.Count,
            DictValue dict => dict.Items.Count,
            UndefinedValue => 0,
            _ => throw new TemplateException($"{value.Kind} has no length; a string, a list, a tuple or a dict has."),
        };
        // A client decides how long its text is.
        return new IntegerValue(length, value is TextValue ? Origin.Data : Origin.Template);
    }

    /// <summary>An attribute, never a dict's key.</summary>
    public static Value Attr(Value value, string name, RenderContext context) => value is DictValue dict
        ? DictMethods.Find(dict, name, context) ?? (Value)new UndefinedValue($"this dict has no attribute '{name}'.")
        : Attributes.Get(value, name, context);

    public static Value Abs(Value value) => Number(value) switch
    {
        FloatValue f => new FloatValue(Math.Abs(f.Number)),
        { } whole => Numbers.Calculate(Numbers.ToWhole(whole) < 0 ? "-" : "+", new IntegerValue(0, Numbers.OriginOf(whole)), whole),
    };

    public static Value Int(Value value, CallArguments arguments)
    {
        arguments.Only("default", "base");
        Value fallback = arguments.Find(0, "default") ?? new IntegerValue(0, Origin.Template);
        int radix = (int)Int128.Clamp(arguments.FindWhole(1, "base") ?? 10, 0, 36);
        return value switch
        {
            UndefinedValue undefined => throw undefined.Error,
            IntegerValue => value,
            BoolValue => new IntegerValue(Numbers.ToWhole(value), Origin.Data),
            FloatValue f when double.IsFinite(f.Number) && Math.Abs(f.Number) < 1e38 => new IntegerValue((Int128)Math.Truncate(f.Number), Origin.Data),
            TextValue text => ParseWhole(text.Text.Trim().Replace("_", ""), radix) is { } number ? new IntegerValue(number, Origin.Data) : fallback,
            _ => fallback,
        };
    }

    public static Value Float(Value value, CallArguments arguments)
    {
        Value fallback = arguments.Only("default").Find(0, "default") ?? new FloatValue(0);
        return value switch
        {
            UndefinedValue undefined => throw undefined.Error,
            TextValue text =>
                double.TryParse(text.Text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? new FloatValue(number) : fallback,
            _ when Numbers.IsNumber(value) => new FloatValue(Numbers.ToDouble(value)),
            _ => fallback,
        };
    }

    public static Value Round(Value value, CallArguments arguments)
    {
        arguments.Only("precision", "method");
        int precision = (int)Int128.Clamp(arguments.FindWhole(0, "precision") ?? 0, 0, 15);
        string method = arguments.FindText(1, "method")?.Text ?? "common";
        if (method == "common" && Numbers.IsWhole(value))
            return value;
        double number = Numbers.ToDouble(Number(value));
        double scale = Math.Pow(10, precision);
        return new FloatValue(method switch
        {
            "common" => RoundHalfEven(number, precision, scale),
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ => throw new TemplateException($"the rounding method '{method}' is unknown; allowed are common, ceil, floor."),
        });
    }

    // Of the number's exact binary value, as Python does it: 42.55 is a little less than it says.
    private static double RoundHalfEven(double number, int precision, double scale)
    {
        double scaled = number * scale;
        bool isTie = Math.Abs(scaled - Math.Truncate(scaled)) == 0.5 && Math.FusedMultiplyAdd(number, scale, -scaled) == 0;
        return isTie
            ? Math.Round(scaled, MidpointRounding.ToEven) / scale
            : double.Parse(number.ToString("F" + precision, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static Value Number(Value value) => Numbers.IsNumber(value)
        ? value
        : throw (value is UndefinedValue undefined ? undefined.Error : new TemplateException($"a number is needed here, not {value.Kind}."));

    private static Int128? ParseWhole(string text, int radix)
    {
        if (radix == 10)
        {
            if (Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 whole))
                return whole;
            // "42.9" is 42, as in Python's int(float(…)).
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) < 1e38
                ? (Int128)Math.Truncate(number) : null;
        }
        try
        {
            return radix is 2 or 8 or 16 ? Convert.ToInt64(text.Length > 2 && text[0] == '0' && char.IsLetter(text[1]) ? text[2..] : text, radix) : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }
}
