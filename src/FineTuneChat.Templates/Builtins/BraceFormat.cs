using System.Globalization;
using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>The method <c>format</c>: <c>"{} {0} {name} {0.key} {0[key]} {0!r:>8}"</c>.</summary>
internal static class BraceFormat
{
    public static TextValue Apply(TextValue format, CallArguments arguments, RenderContext context)
    {
        TextBuilder result = context.NewText();
        string text = format.Text;
        int automatic = 0;
        for (int at = 0; at < text.Length;)
        {
            int brace = text.AsSpan(at).IndexOfAny('{', '}') is >= 0 and var found ? at + found : text.Length;
            result.Append(format, at, brace - at);
            if (brace == text.Length)
                break;
            if (brace + 1 < text.Length && text[brace + 1] == text[brace])
            {
                result.Append(format, brace, 1);
                at = brace + 2;
                continue;
            }
            int end = text[brace] == '{' ? text.IndexOf('}', brace) : -1;
            if (end < 0)
                throw new TemplateException("a single brace in a format; write {{ or }} for a brace.");
            result.Append(Field(text[(brace + 1)..end], arguments, ref automatic, context));
            at = end + 1;
        }
        return result.ToValue();
    }

    private static TextValue Field(string field, CallArguments arguments, ref int automatic, RenderContext context)
    {
        int colon = field.IndexOf(':');
        string spec = colon < 0 ? "" : field[(colon + 1)..];
        string path = colon < 0 ? field : field[..colon];
        bool isRepr = path.EndsWith("!r", StringComparison.Ordinal);
        if (isRepr || path.EndsWith("!s", StringComparison.Ordinal))
            path = path[..^2];
        Value value = Look(path, arguments, ref automatic, context);
        if (isRepr)
            value = value is TextValue text ? PythonText.Repr(text, context) : PythonText.Of(value, context);
        return FormatSpec.Parse(spec).Apply(value, context);
    }

    private static Value Look(string path, CallArguments arguments, ref int automatic, RenderContext context)
    {
        int nameEnd = path.AsSpan().IndexOfAny('.', '[') is >= 0 and var first ? first : path.Length;
        string name = path[..nameEnd];
        if (name.Length == 0)
            name = (automatic++).ToString(CultureInfo.InvariantCulture);
        Value value = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index < arguments.Positional.Count ? arguments.Positional[index] : throw new TemplateException(
                $"the format asks for value {index}, but {arguments.Positional.Count} are given.")
            : arguments.Named.GetValueOrDefault(name) ?? throw new TemplateException($"the format asks for '{name}', which is not given.");
        foreach (string part in path[nameEnd..].Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            value = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int place)
                ? Attributes.Item(value, new IntegerValue(place, Origin.Template), context)
                : Attributes.Item(value, new TextValue(part, Origin.Template), context);
        }
        return value;
    }
}
