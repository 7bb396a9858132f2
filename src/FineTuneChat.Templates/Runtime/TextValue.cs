namespace FineTuneChat.Templates.Runtime;

/// <summary>
/// A string that knows of each character where it comes from. Positions and lengths are UTF-16 units; Python's are code points, see
/// <see cref="CodePoints"/>.
/// </summary>
internal sealed class TextValue : Value
{
    private readonly TextRun[] _runs;

    public TextValue(string text, Origin origin) : this(text, text.Length == 0 ? [] : [new TextRun(text.Length, origin)]) { }

    public TextValue(string text, TextRun[] runs)
    {
        Text = text;
        _runs = runs;
    }

    public static TextValue Empty { get; } = new("", Origin.Template);

    internal override string Kind => "str";

    internal override bool IsTrue => Text.Length > 0;

    internal override Nesting Nesting => new(0, 1 + (Length >> 6));

    public string Text { get; }

    public int Length => Text.Length;

    /// <summary>Consecutive characters of one origin, none of length 0.</summary>
    public ReadOnlySpan<TextRun> Runs => _runs;

    /// <summary>The origins of all characters, blended; template when there are none.</summary>
    public Origin Origin
    {
        get
        {
            Origin origin = Origin.Template;
            foreach (TextRun run in _runs)
                origin = origin.Blend(run.Origin);
            return origin;
        }
    }

    public TextValue Slice(int start, int length, Budget budget)
    {
        if (length <= 0)
            return Empty;
        if (length == Length)
            return this;
        budget.Copy(length, _runs.Length);
        var runs = new List<TextRun>();
        int at = 0;
        foreach (TextRun run in _runs)
        {
            int from = Math.Max(at, start);
            int to = Math.Min(at + run.Length, start + length);
            if (to > from)
                runs.Add(new TextRun(to - from, run.Origin));
            at += run.Length;
        }
        return new TextValue(Text.Substring(start, length), [.. runs]);
    }

    /// <summary>The text with every character replaced one to one or by several, each of its character's origin.</summary>
    public TextValue Map(Func<string, string> map, Budget budget)
    {
        if (_runs.Length == 0)
            return this;
        var mapped = new TextBuilder(budget);
        int at = 0;
        foreach (TextRun run in _runs)
        {
            mapped.Append(map(Text.Substring(at, run.Length)), run.Origin);
            at += run.Length;
        }
        return mapped.ToValue();
    }
}
