using System.Globalization;
using System.Text;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>What a value prints as: Python's <c>str()</c>, and <c>repr()</c> for what stands inside a container.</summary>
internal static class PythonText
{
    public static TextValue Of(Value value, RenderContext context) => value switch
    {
        TextValue text => text,
        UndefinedValue => TextValue.Empty,
        IntegerValue integer => new TextValue(integer.Number.ToString(CultureInfo.InvariantCulture), integer.Origin),
        ListValue or DictValue => Container(value, context),
        _ => new TextValue(Scalar(value), Origin.Data),
    };

    public static TextValue Repr(TextValue text, RenderContext context)
    {
        char quote = text.Text.Contains('\'') && !text.Text.Contains('"') ? '"' : '\'';
        TextBuilder repr = context.NewText();
        repr.Append(quote.ToString(), text.Origin);
        repr.Append(text.Map(part => Escape(part, quote), context.Budget));
        repr.Append(quote.ToString(), text.Origin);
        return repr.ToValue();
    }

    /// <summary>The shortest digits that give the number back, with Python's choice between 1e-05 and 0.0001.</summary>
    public static string OfDouble(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        string digits = number.ToString("E16", CultureInfo.InvariantCulture);
        string shortest = number.ToString("R", CultureInfo.InvariantCulture);
        int exponent = number == 0 ? 0 : int.Parse(digits[(digits.IndexOf('E') + 1)..], CultureInfo.InvariantCulture);
        if (exponent is >= -4 and < 16)
        {
            string plain = shortest.Contains('E') ? number.ToString("0." + new string('#', 25), CultureInfo.InvariantCulture) : shortest;
            return plain.Contains('.') ? plain : plain + ".0";
        }
        string mantissa = shortest.Contains('E') ? shortest[..shortest.IndexOf('E')] : Mantissa(shortest);
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    // 12345678901234567000 and 0.00001 written plainly by .NET: one digit before the point, the zeros gone.
    private static string Mantissa(string plain)
    {
        string sign = plain.StartsWith('-') ? "-" : "";
        string digits = plain.Replace("-", "").Replace(".", "").TrimStart('0').TrimEnd('0');
        return sign + (digits.Length > 1 ? digits[0] + "." + digits[1..] : digits);
    }

    // Structure and content are one origin: a container with any data in it is data.
    private static TextValue Container(Value value, RenderContext context)
    {
        var text = new StringBuilder();
        Write(value, text, context);
        return new TextValue(text.ToString(), Provenance.Of(value));
    }

    private static void Write(Value value, StringBuilder text, RenderContext context)
    {
        context.Budget.Step();
        int before = text.Length;
        switch (value)
        {
            case TextValue part:
                text.Append(Repr(part, context).Text);
                break;
            case ListValue list:
                text.Append(list.IsTuple ? '(' : '[');
                WriteItems(list.Items, text, item => Write(item, text, context));
                text.Append(list.IsTuple ? (list.Items.Count == 1 ? ",)" : ")") : "]");
                break;
            case DictValue dict:
                text.Append('{');
                WriteItems(dict.Items, text, item =>
                {
                    Write(item.Key, text, context);
                    text.Append(": ");
                    Write(item.Value, text, context);
                });
                text.Append('}');
                break;
            case UndefinedValue:
                text.Append("Undefined");
                break;
            default:
                text.Append(Of(value, context).Text);
                break;
        }
        context.Budget.Characters(text.Length, value is ListValue or DictValue ? 2 : text.Length - before);
    }

    private static void WriteItems<T>(IEnumerable<T> items, StringBuilder text, Action<T> write)
    {
        bool isFirst = true;
        foreach (T item in items)
        {
            if (!isFirst)
                text.Append(", ");
            isFirst = false;
            write(item);
        }
    }

    private static string Scalar(Value value) => value switch
    {
        BoolValue => value.IsTrue ? "True" : "False",
        NoneValue => "None",
        FloatValue f => OfDouble(f.Number),
        FunctionValue function => $"<function {function.Name}>",
        _ => $"<{value.Kind}>",
    };

    private static string Escape(string text, char quote)
    {
        var escaped = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\\' => escaped.Append(@"\\"),
                '\n' => escaped.Append(@"\n"),
                '\r' => escaped.Append(@"\r"),
                '\t' => escaped.Append(@"\t"),
                int c when c == quote => escaped.Append('\\').Append(quote),
                < 0x20 or 0x7f => escaped.Append($"\\x{rune.Value:x2}"),
                < 0x7f => escaped.Append((char)rune.Value),
                _ when IsPrintable(rune) => escaped.Append(rune.ToString()),
                <= 0xff => escaped.Append($"\\x{rune.Value:x2}"),
                <= 0xffff => escaped.Append($"\\u{rune.Value:x4}"),
                _ => escaped.Append($"\\U{rune.Value:x8}"),
            };
        }
        return escaped.ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
