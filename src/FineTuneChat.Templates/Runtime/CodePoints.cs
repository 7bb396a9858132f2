namespace FineTuneChat.Templates.Runtime;

/// <summary>Python counts code points where .NET counts UTF-16 units; the two differ as soon as there is an emoji.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        int count = text.Length;
        for (int i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i]))
            {
                count--;
                i++;
            }
        }
        return count;
    }

    /// <summary>Where each code point begins, and last the text's length.</summary>
    public static int[] Starts(string text)
    {
        int[] starts = new int[Count(text) + 1];
        for (int i = 0, at = 0; i < starts.Length; i++)
        {
            starts[i] = at;
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        }
        return starts;
    }

    /// <summary>Each code point as a text of its own.</summary>
    public static List<Value> Split(TextValue text, Budget budget)
    {
        int[] starts = Starts(text.Text);
        budget.Step(starts.Length);
        var characters = new List<Value>(starts.Length - 1);
        int run = 0;
        int runEnd = 0;
        for (int i = 0; i + 1 < starts.Length; i++)
        {
            while (starts[i] >= runEnd)
                runEnd += text.Runs[run++].Length;
            characters.Add(new TextValue(text.Text[starts[i]..starts[i + 1]], text.Runs[run - 1].Origin));
        }
        return characters;
    }
}
