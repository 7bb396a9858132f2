using FineTuneChat.Chat.Templates;
using FineTuneChat.Templates;

namespace FineTuneChat.Chat.Encoding;

/// <summary>A rendered text, or a part of one, with the origin of each character.</summary>
internal sealed class MarkedText(string text, IReadOnlyList<TextRun> runs)
{
    public MarkedText(RenderedPrompt prompt) : this(prompt.Text, prompt.Runs) { }

    public string Text => text;

    public int Length => text.Length;

    public static MarkedText Of(string text, Origin origin) => new(text, text.Length == 0 ? [] : [new TextRun(text.Length, origin)]);

    public MarkedText Add(MarkedText other) => new(text + other.Text, [.. runs, .. other.Runs]);

    public MarkedText Slice(int start, int end)
    {
        var cut = new List<TextRun>();
        foreach ((int from, int to, Origin origin) in Stretches())
        {
            int length = Math.Min(to, end) - Math.Max(from, start);
            if (length > 0)
                cut.Add(new TextRun(length, origin));
        }
        return new MarkedText(text[start..end], cut);
    }

    /// <summary>Maximal stretches of the template's own text, as start and end.</summary>
    public IEnumerable<(int Start, int End)> TemplateStretches()
    {
        int start = -1;
        foreach ((int from, int to, Origin origin) in Stretches())
        {
            if (origin == Origin.Template && start < 0)
                start = from;
            else if (origin != Origin.Template && start >= 0)
            {
                yield return (start, from);
                start = -1;
            }
        }
        if (start >= 0)
            yield return (start, text.Length);
    }

    /// <summary>From the first to the last character that is marked as the reply; null when there is none.</summary>
    public (int Start, int End)? Reply()
    {
        (int Start, int End)? reply = null;
        foreach ((int start, int end, Origin origin) in Stretches())
        {
            if (origin == ReplyOrigin.Content)
                reply = (reply?.Start ?? start, end);
        }
        return reply;
    }

    /// <summary>End of the last data before a place; 0 when there is none.</summary>
    public int DataEnd(int before)
    {
        int last = 0;
        foreach ((int start, int end, Origin origin) in Stretches())
        {
            if (ReplyOrigin.IsGiven(origin) && start < before)
                last = Math.Min(end, before);
        }
        return last;
    }

    private IEnumerable<(int Start, int End, Origin Origin)> Stretches()
    {
        int at = 0;
        foreach (TextRun run in runs)
        {
            yield return (at, at + run.Length, run.Origin);
            at += run.Length;
        }
    }

    private IReadOnlyList<TextRun> Runs => runs;
}
