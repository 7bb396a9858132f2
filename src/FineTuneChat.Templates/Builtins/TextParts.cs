using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Builtins;

/// <summary>Cutting, replacing and padding of texts, origins kept.</summary>
internal static class TextParts
{
    private const string LineBreaks = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029";

    /// <summary>Without the given characters (by default whitespace) at its ends.</summary>
    public static TextValue Strip(TextValue text, string? characters, bool left, bool right, Budget budget)
    {
        int start = 0;
        int end = text.Length;
        while (left && start < end && IsStripped(text.Text[start]))
            start++;
        while (right && end > start && IsStripped(text.Text[end - 1]))
            end--;
        return text.Slice(start, end - start, budget);

        bool IsStripped(char c) => characters is null ? IsWhitespace(c) : characters.Contains(c);
    }

    /// <summary>Python's whitespace: Unicode's, and the four separators of ASCII.</summary>
    public static bool IsWhitespace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static IReadOnlyList<TextValue> Split(TextValue text, string separator, Int128 maxSplits, Budget budget)
    {
        if (separator.Length == 0)
            throw new TemplateException("a text cannot be split at an empty separator.");
        var parts = new List<TextValue>();
        int start = 0;
        while (maxSplits < 0 || parts.Count < maxSplits)
        {
            int at = text.Text.IndexOf(separator, start, StringComparison.Ordinal);
            if (at < 0)
                break;
            parts.Add(text.Slice(start, at - start, budget));
            start = at + separator.Length;
            budget.Step(1 + text.Runs.Length);
        }
        parts.Add(text.Slice(start, text.Length - start, budget));
        return parts;
    }

    /// <summary>The parts between separators, split from the right when <paramref name="maxSplits"/> does not allow for all.</summary>
    public static IReadOnlyList<TextValue> SplitFromRight(TextValue text, string separator, Int128 maxSplits, Budget budget)
    {
        IReadOnlyList<TextValue> parts = Split(text, separator, -1, budget);
        if (maxSplits < 0 || parts.Count - 1 <= maxSplits)
            return parts;
        int tail = (int)maxSplits;
        int head = text.Length - parts.Skip(parts.Count - tail).Sum(part => part.Length + separator.Length);
        return [text.Slice(0, head, budget), .. parts.Skip(parts.Count - tail)];
    }

    /// <summary>Lines as Python's <c>splitlines</c> finds them, with every line break that Unicode knows.</summary>
    public static List<TextValue> Lines(TextValue text, bool keepEnds, Budget budget)
    {
        var lines = new List<TextValue>();
        int start = 0;
        while (start < text.Length)
        {
            int end = text.Text.AsSpan(start).IndexOfAny(LineBreaks) is >= 0 and var at ? start + at : text.Length;
            int next = end == text.Length ? end : end + (text.Text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
            lines.Add(text.Slice(start, (keepEnds ? next : end) - start, budget));
            start = next;
            budget.Step(1 + text.Runs.Length);
        }
        return lines;
    }

    public static bool EndsLine(TextValue text) => text.Length == 0 || LineBreaks.Contains(text.Text[^1]);

    /// <summary>The words between runs of whitespace.</summary>
    public static IReadOnlyList<TextValue> Words(TextValue text, Int128 maxSplits, Budget budget)
    {
        var words = new List<TextValue>();
        int at = 0;
        while (true)
        {
            while (at < text.Length && IsWhitespace(text.Text[at]))
                at++;
            if (at == text.Length)
                return words;
            int start = at;
            if (maxSplits >= 0 && words.Count >= maxSplits)
            {
                words.Add(text.Slice(start, text.Length - start, budget));
                return words;
            }
            while (at < text.Length && !IsWhitespace(text.Text[at]))
                at++;
            words.Add(text.Slice(start, at - start, budget));
            budget.Step(1 + text.Runs.Length);
        }
    }

    public static TextValue Replace(TextValue text, string old, TextValue @new, Int128 count, RenderContext context)
    {
        if (old.Length == 0)
            return Interleave(text, @new, count, context);
        IReadOnlyList<TextValue> parts = Split(text, old, count, context.Budget);
        if (parts.Count == 1)
            return text;
        TextBuilder replaced = context.NewText();
        for (int i = 0; i < parts.Count; i++)
        {
            if (i > 0)
                replaced.Append(@new);
            replaced.Append(parts[i]);
        }
        return replaced.ToValue();
    }

    public static TextValue Pad(TextValue text, Int128 width, char fill, char align, RenderContext context)
    {
        Int128 missing = width - CodePoints.Count(text.Text);
        if (missing <= 0)
            return text;
        // Python puts the odd space to the right, unless the width is odd too.
        Int128 left = align switch { '<' => 0, '>' => missing, _ => missing / 2 + (missing & width & 1) };
        TextBuilder padded = context.NewText();
        padded.Append(fill, Clamp(left), text.Origin);
        padded.Append(text);
        padded.Append(fill, Clamp(missing - left), text.Origin);
        return padded.ToValue();
    }

    private static long Clamp(Int128 count) => (long)Int128.Min(count, long.MaxValue / 2);

    // "ab".replace("", "-") is "-a-b-".
    private static TextValue Interleave(TextValue text, TextValue between, Int128 count, RenderContext context)
    {
        TextBuilder result = context.NewText();
        List<Value> characters = CodePoints.Split(text, context.Budget);
        for (int i = 0; i <= characters.Count; i++)
        {
            if (count < 0 || i < count)
                result.Append(between);
            if (i < characters.Count)
                result.Append((TextValue)characters[i]);
        }
        return result.ToValue();
    }
}
