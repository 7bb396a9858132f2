using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Filters for texts. Anything else is first printed, as Jinja does.</summary>
internal static class TextFilters
{
    public static Value Upper(Value value, RenderContext context) => Casing.Upper(PythonText.Of(value, context), context.Budget);

    public static Value Lower(Value value, RenderContext context) => Casing.Lower(PythonText.Of(value, context), context.Budget);

    public static Value Title(Value value, RenderContext context) =>
        Casing.Words(PythonText.Of(value, context), c => c is '-' or '(' or '{' or '[' or '<' || char.IsWhiteSpace(c), context);

    public static Value Capitalize(Value value, RenderContext context) =>
        Casing.Words(PythonText.Of(value, context), _ => false, context);

    public static Value Trim(Value value, CallArguments arguments, RenderContext context) =>
        TextParts.Strip(PythonText.Of(value, context), arguments.Only("chars").FindText(0, "chars")?.Text, left: true, right: true, context.Budget);

    public static Value Replace(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("old", "new", "count");
        TextValue old = PythonText.Of(arguments.Require(0, "old"), context);
        TextValue @new = PythonText.Of(arguments.Require(1, "new"), context);
        return TextParts.Replace(PythonText.Of(value, context), old.Text, @new, arguments.FindWhole(2, "count") ?? -1, context);
    }

    public static Value Indent(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("width", "first", "blank");
        TextBuilder indentation = context.NewText();
        if (arguments.Find(0, "width") is TextValue given)
            indentation.Append(given);
        else
            indentation.Append(' ', (long)Int128.Clamp(arguments.FindWhole(0, "width") ?? 4, 0, int.MaxValue), Origin.Template);
        TextValue width = indentation.ToValue();
        bool first = arguments.FindBool(1, "first");
        bool blank = arguments.FindBool(2, "blank");
        TextBuilder indented = context.NewText();
        TextValue text = PythonText.Of(value, context);
        List<TextValue> lines = TextParts.Lines(text, keepEnds: false, context.Budget);
        if (TextParts.EndsLine(text))
            lines.Add(TextValue.Empty);
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0)
                indented.Append("\n", lines[i].Length > 0 ? lines[i].Origin : Origin.Template);
            if (i == 0 ? first : blank || lines[i].Length > 0)
                indented.Append(width);
            indented.Append(lines[i]);
        }
        return indented.ToValue();
    }

    public static Value Center(Value value, CallArguments arguments, RenderContext context)
    {
        TextValue text = PythonText.Of(value, context);
        return TextParts.Pad(text, arguments.Only("width").FindWhole(0, "width") ?? 80, ' ', '^', context);
    }

    public static Value Truncate(Value value, CallArguments arguments, RenderContext context)
    {
        arguments.Only("length", "killwords", "end", "leeway");
        TextValue text = PythonText.Of(value, context);
        TextValue end = arguments.FindText(2, "end") ?? new TextValue("...", Origin.Template);
        Int128 length = arguments.FindWhole(0, "length") ?? 255;
        int[] starts = CodePoints.Starts(text.Text);
        if (starts.Length - 1 <= length + (arguments.FindWhole(3, "leeway") ?? 5))
            return text;
        Int128 kept = length - CodePoints.Count(end.Text);
        if (kept < 0)
            throw new TemplateException("the argument 'length' is shorter than the argument 'end'.");
        TextValue start = text.Slice(0, starts[(int)kept], context.Budget);
        int space = start.Text.LastIndexOf(' ');
        if (!arguments.FindBool(1, "killwords") && space >= 0)
            start = start.Slice(0, space, context.Budget);
        return Operators.Concatenate(start, end, context);
    }

    public static Value WordCount(Value value, RenderContext context)
    {
        string text = PythonText.Of(value, context).Text;
        int words = 0;
        for (int i = 0; i < text.Length; i++)
            words += IsWord(i) && (i == 0 || !IsWord(i - 1)) ? 1 : 0;
        return new IntegerValue(words, Origin.Data);

        bool IsWord(int at) => char.IsLetterOrDigit(text[at]) || text[at] == '_';
    }

    public static Value Escape(Value value, RenderContext context) =>
        PythonText.Of(value, context).Map(
            part => part.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;"), context.Budget);

    // Jinja leaves the slash as it is.
    public static Value UrlEncode(Value value, RenderContext context) =>
        PythonText.Of(value, context).Map(part => Uri.EscapeDataString(part).Replace("%2F", "/"), context.Budget);

    public static Value Format(Value value, CallArguments arguments, RenderContext context)
    {
        TextValue format = PythonText.Of(value, context);
        if (arguments.Named.Count == 0)
            return PercentFormat.Apply(format, new ListValue(arguments.Positional, isTuple: true), context);
        OrderedDictionary<Value, Value> named = DictValue.Table();
        foreach ((string name, Value argument) in arguments.Named)
            named[new TextValue(name, Origin.Template)] = argument;
        return PercentFormat.Apply(format, new DictValue(named), context);
    }
}
