using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>The methods of Python's strings.</summary>
internal static class TextMethods
{
    public static FunctionValue? Find(TextValue text, string name, RenderContext context)
    {
        Func<CallArguments, Value>? method = Changing(text, name, context) ?? Cutting(text, name, context) ?? Asking(text, name);
        return method is null ? null : new FunctionValue(name, method);
    }

    private static Func<CallArguments, Value>? Changing(TextValue text, string name, RenderContext context) => name switch
    {
        "upper" => _ => Casing.Upper(text, context.Budget),
        "lower" or "casefold" => _ => Casing.Lower(text, context.Budget),
        "title" => _ => Casing.Words(text, c => !char.IsLetter(c), context),
        "capitalize" => _ => Casing.Words(text, _ => false, context),
        "swapcase" =>
            _ => text.Map(part => string.Concat(part.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c))), context.Budget),
        "strip" => a => TextParts.Strip(text, a.Only("chars").FindText(0, "chars")?.Text, left: true, right: true, context.Budget),
        "lstrip" => a => TextParts.Strip(text, a.Only("chars").FindText(0, "chars")?.Text, left: true, right: false, context.Budget),
        "rstrip" => a => TextParts.Strip(text, a.Only("chars").FindText(0, "chars")?.Text, left: false, right: true, context.Budget),
        "removeprefix" => a => WithoutPrefix(text, a.RequireText(0, "prefix").Text, context.Budget),
        "removesuffix" => a => WithoutSuffix(text, a.RequireText(0, "suffix").Text, context.Budget),
        "replace" => a => Replace(text, a.Only("old", "new", "count"), context),
        "ljust" => a => TextParts.Pad(text, a.FindWhole(0, "width") ?? 0, Fill(a), '<', context),
        "rjust" => a => TextParts.Pad(text, a.FindWhole(0, "width") ?? 0, Fill(a), '>', context),
        "center" => a => TextParts.Pad(text, a.FindWhole(0, "width") ?? 0, Fill(a), '^', context),
        "zfill" => a => ZeroFill(text, a.FindWhole(0, "width") ?? 0, context),
        "join" => a => SequenceFilters.Join(a.Only("iterable").Require(0, "iterable"), new CallArguments([text], []), context),
        "format" => a => BraceFormat.Apply(text, a, context),
        _ => null,
    };

    private static Func<CallArguments, Value>? Cutting(TextValue text, string name, RenderContext context) => name switch
    {
        "split" => a => Split(text, a.Only("sep", "maxsplit"), context, fromRight: false),
        "rsplit" => a => Split(text, a.Only("sep", "maxsplit"), context, fromRight: true),
        "splitlines" => a => new ListValue(TextParts.Lines(text, a.FindBool(0, "keepends"), context.Budget)),
        "partition" => a => Partition(text, a.RequireText(0, "sep"), isLast: false, context.Budget),
        "rpartition" => a => Partition(text, a.RequireText(0, "sep"), isLast: true, context.Budget),
        _ => null,
    };

    private static Func<CallArguments, Value>? Asking(TextValue text, string name) => name switch
    {
        "startswith" => a => BoolValue.Of(Affixes(a, "prefix").Any(x => text.Text.StartsWith(x, StringComparison.Ordinal))),
        "endswith" => a => BoolValue.Of(Affixes(a, "suffix").Any(x => text.Text.EndsWith(x, StringComparison.Ordinal))),
        "find" => a => Place(text, text.Text.IndexOf(a.RequireText(0, "sub").Text, StringComparison.Ordinal)),
        "rfind" => a => Place(text, text.Text.LastIndexOf(a.RequireText(0, "sub").Text, StringComparison.Ordinal)),
        "index" => a => Found(Place(text, text.Text.IndexOf(a.RequireText(0, "sub").Text, StringComparison.Ordinal))),
        "rindex" => a => Found(Place(text, text.Text.LastIndexOf(a.RequireText(0, "sub").Text, StringComparison.Ordinal))),
        "count" => a => new IntegerValue(Occurrences(text.Text, a.RequireText(0, "sub").Text), Origin.Data),
        "isdigit" or "isdecimal" or "isnumeric" => _ => BoolValue.Of(text.Length > 0 && text.Text.All(name == "isdecimal" ? char.IsDigit : char.IsNumber)),
        "isalpha" => _ => BoolValue.Of(text.Length > 0 && text.Text.All(char.IsLetter)),
        "isalnum" => _ => BoolValue.Of(text.Length > 0 && text.Text.All(char.IsLetterOrDigit)),
        "isspace" => _ => BoolValue.Of(text.Length > 0 && text.Text.All(TextParts.IsWhitespace)),
        "isupper" => _ => BoolValue.Of(text.Text.Any(char.IsUpper) && !text.Text.Any(char.IsLower)),
        "islower" => _ => BoolValue.Of(text.Text.Any(char.IsLower) && !text.Text.Any(char.IsUpper)),
        "isascii" => _ => BoolValue.Of(text.Text.All(char.IsAscii)),
        _ => null,
    };

    private static ListValue Split(TextValue text, CallArguments arguments, RenderContext context, bool fromRight)
    {
        Int128 maxSplits = arguments.FindWhole(1, "maxsplit") ?? -1;
        if (arguments.FindText(0, "sep") is not { } separator)
            return new ListValue([.. TextParts.Words(text, maxSplits, context.Budget)]);
        return new ListValue(fromRight
            ? [.. TextParts.SplitFromRight(text, separator.Text, maxSplits, context.Budget)]
            : [.. TextParts.Split(text, separator.Text, maxSplits, context.Budget)]);
    }

    private static TextValue WithoutPrefix(TextValue text, string prefix, Budget budget) => text.Text.StartsWith(prefix, StringComparison.Ordinal)
        ? text.Slice(prefix.Length, text.Length - prefix.Length, budget)
        : text;

    private static TextValue WithoutSuffix(TextValue text, string suffix, Budget budget) => text.Text.EndsWith(suffix, StringComparison.Ordinal)
        ? text.Slice(0, text.Length - suffix.Length, budget)
        : text;

    private static TextValue Replace(TextValue text, CallArguments arguments, RenderContext context) =>
        TextParts.Replace(text, arguments.RequireText(0, "old").Text, arguments.RequireText(1, "new"), arguments.FindWhole(2, "count") ?? -1, context);

    private static ListValue Partition(TextValue text, TextValue separator, bool isLast, Budget budget)
    {
        if (separator.Length == 0)
            throw new TemplateException("a text cannot be split at an empty separator.");
        int at = isLast
            ? text.Text.LastIndexOf(separator.Text, StringComparison.Ordinal)
            : text.Text.IndexOf(separator.Text, StringComparison.Ordinal);
        if (at < 0)
            return new ListValue(isLast ? [TextValue.Empty, TextValue.Empty, text] : [text, TextValue.Empty, TextValue.Empty], isTuple: true);
        int after = at + separator.Length;
        TextValue before = text.Slice(0, at, budget), between = text.Slice(at, separator.Length, budget);
        return new ListValue([before, between, text.Slice(after, text.Length - after, budget)], isTuple: true);
    }

    private static IEnumerable<string> Affixes(CallArguments arguments, string name) => arguments.Only(name).Require(0, name) switch
    {
        TextValue affix => [affix.Text],
        ListValue list =>
            list.Items.Select(item => (item as TextValue ?? throw new TemplateException($"'{name}' must be a string or a tuple of strings.")).Text),
        _ => throw new TemplateException($"'{name}' must be a string or a tuple of strings."),
    };

    private static IntegerValue Place(TextValue text, int at) => new(at < 0 ? at : CodePoints.Count(text.Text[..at]), Origin.Data);

    private static IntegerValue Found(IntegerValue place) => place.Number >= 0 ? place : throw new TemplateException("the text is not found.");

    private static int Occurrences(string text, string part) =>
        part.Length == 0 ? CodePoints.Count(text) + 1 : (text.Length - text.Replace(part, "").Length) / part.Length;

    private static char Fill(CallArguments arguments) => arguments.FindText(1, "fillchar")?.Text switch
    {
        null => ' ',
        [var c] => c,
        _ => throw new TemplateException("'fillchar' must be one character."),
    };

    private static TextValue ZeroFill(TextValue text, Int128 width, RenderContext context)
    {
        int sign = text.Text is ['+' or '-', ..] ? 1 : 0;
        TextValue digits = TextParts.Pad(text.Slice(sign, text.Length - sign, context.Budget), width - sign, '0', '>', context);
        return Operators.Concatenate(text.Slice(0, sign, context.Budget), digits, context);
    }
}
