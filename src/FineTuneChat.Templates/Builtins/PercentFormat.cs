using System.Text.RegularExpressions;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>The operator <c>%</c> on a string, and the filter <c>format</c>: <c>"%s is %d, %(name)s"</c>.</summary>
internal static partial class PercentFormat
{
    public static TextValue Apply(TextValue format, Value values, RenderContext context)
    {
        IReadOnlyList<Value> positional = values is ListValue { IsTuple: true } tuple ? tuple.Items : [values];
        int used = 0;
        int at = 0;
        TextBuilder result = context.NewText();
        foreach (Match match in Directive().Matches(format.Text))
        {
            result.Append(format, at, match.Index - at);
            at = match.Index + match.Length;
            if (match.Groups["type"].Value == "%")
                result.Append(format, at - 1, 1);
            else
                result.Append(Convert(match, Value(match), context));
        }
        if (format.Text.AsSpan(at).Contains('%'))
            throw new TemplateException("a '%' in a format must be followed by s, r, d, i, f, e, g, x, X, o or %.");
        if (used < positional.Count && values is not DictValue)
            throw new TemplateException($"{positional.Count} values are given, but the format uses {used}.");
        result.Append(format, at, format.Length - at);
        return result.ToValue();

        Value Value(Match match)
        {
            if (match.Groups["name"].Success)
                return (values as DictValue)?.Find(match.Groups["name"].Value) ?? throw new TemplateException(
                    $"the format asks for '{match.Groups["name"].Value}', which is not given.");
            return used < positional.Count ? positional[used++] : throw new TemplateException("the format asks for more values than are given.");
        }
    }

    private static TextValue Convert(Match match, Value value, RenderContext context)
    {
        string flags = match.Groups["flags"].Value;
        string type = match.Groups["type"].Value;
        if (type == "r")
            value = value is TextValue text ? PythonText.Repr(text, context) : PythonText.Of(value, context);
        else if (type == "s")
            value = PythonText.Of(value, context);
        else if (!Numbers.IsNumber(value))
            throw new TemplateException($"'%{type}' needs a number, not {value.Kind}.");
        bool isText = value is TextValue;
        string align = flags.Contains('-') ? "<" : isText ? ">" : "";
        string sign = isText ? "" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
        string zero = flags.Contains('0') && align.Length == 0 ? "0" : "";
        string precision = match.Groups["precision"].Success ? "." + match.Groups["precision"].Value : "";
        if (type is "d" or "i" or "u")
            (type, precision, value) = ("d", "", ValueFilters.Int(value, CallArguments.None));
        return FormatSpec.Parse(align + sign + zero + match.Groups["width"].Value + precision + (type is "r" ? "s" : type)).Apply(value, context);
    }

    [GeneratedRegex(@"%(?:\((?<name>[^)]{0,200})\))?(?<flags>[-+ 0#]*)(?<width>\d{1,9})?(?:\.(?<precision>\d{1,3}))?(?<type>[srdiufFeEgGxXoc%])")]
    private static partial Regex Directive();
}
