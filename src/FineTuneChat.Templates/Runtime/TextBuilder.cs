using System.Text;

namespace FineTuneChat.Templates.Runtime;

/// <summary>Puts a text together, origins kept, within the budget.</summary>
internal sealed class TextBuilder(Budget budget)
{
    private readonly StringBuilder _text = new();
    private readonly List<TextRun> _runs = [];

    public int Length => _text.Length;

    public void Append(string text, Origin origin)
    {
        Reserve(text.Length);
        _text.Append(text);
        AddRun(text.Length, origin);
    }

    public void Append(TextValue text)
    {
        Reserve(text.Length);
        budget.Copy(0, text.Runs.Length);
        _text.Append(text.Text);
        foreach (TextRun run in text.Runs)
            AddRun(run.Length, run.Origin);
    }

    public void Append(TextValue text, int start, int length) => Append(text.Slice(start, length, budget));

    public void Append(char c, long count, Origin origin)
    {
        if (count <= 0)
            return;
        Reserve(count);
        _text.Append(c, (int)count);
        AddRun((int)count, origin);
    }

    public TextValue ToValue() => new(_text.ToString(), [.. _runs]);

    // Before anything is allocated.
    private void Reserve(long count) => budget.Characters(_text.Length + count, count);

    private void AddRun(int length, Origin origin)
    {
        if (length == 0)
            return;
        if (_runs.Count > 0 && _runs[^1].Origin == origin)
            _runs[^1] = new TextRun(_runs[^1].Length + length, origin);
        else
            _runs.Add(new TextRun(length, origin));
    }
}
