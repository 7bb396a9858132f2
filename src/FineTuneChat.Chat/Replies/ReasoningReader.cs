using System.Text;

namespace FineTuneChat.Chat.Replies;

/// <summary>
/// Tells the reasoning of a reply from the answer while it is written; how the text is cut makes no difference. The line ends around the
/// tags belong to neither.
/// </summary>
internal sealed class ReasoningReader(bool isOpen, Action<string> thought, Action<string> said)
{
    private readonly StringBuilder _held = new();
    private State _state = isOpen ? State.Thinking : State.Start;
    private bool _isEmpty = true;

    private enum State
    {
        /// <summary>Before the answer: the opening tag may come.</summary>
        Start,
        Thinking,

        /// <summary>Behind the closing tag, until the answer begins.</summary>
        Closed,
        Answer,
    }

    public bool IsThinking => _state == State.Thinking;

    public void Append(string text)
    {
        _held.Append(text);
        while (Step())
        {
        }
    }

    /// <summary>Called when the reply has ended.</summary>
    public void Finish()
    {
        string rest = Take(_held.Length);
        if (_state == State.Thinking)
            Think(rest.TrimEnd('\n'));
        else if (_state != State.Closed)
            Say(rest);
    }

    /// <summary>One step with what is held; false when more text is needed.</summary>
    private bool Step()
    {
        string held = _held.ToString();
        switch (_state)
        {
            case State.Start when held.TrimStart().StartsWith(ReasoningTags.Start, StringComparison.Ordinal):
                Take(held.IndexOf(ReasoningTags.Start, StringComparison.Ordinal) + ReasoningTags.Start.Length);
                _state = State.Thinking;
                return true;
            case State.Start when ReasoningTags.Start.StartsWith(held.TrimStart(), StringComparison.Ordinal):
                return false;
            case State.Start:
                _state = State.Answer;
                return true;
            case State.Thinking when held.IndexOf(ReasoningTags.End, StringComparison.Ordinal) is >= 0 and int end:
                Think(Take(end).TrimEnd('\n'));
                Take(ReasoningTags.End.Length);
                _state = State.Closed;
                return true;
            case State.Thinking:
                Think(Take(held.Length - PossibleEnd(held)));
                return false;
            case State.Closed:
                Take(held.Length - held.TrimStart('\n').Length);
                if (_held.Length > 0)
                    _state = State.Answer;
                return _held.Length > 0;
            default:
                Say(Take(held.Length));
                return false;
        }
    }

    /// <summary>Length of the end that may belong to the closing tag: line ends and the tag's beginning.</summary>
    private static int PossibleEnd(string held)
    {
        int length = Math.Min(ReasoningTags.End.Length - 1, held.Length);
        while (!held.EndsWith(ReasoningTags.End[..length], StringComparison.Ordinal))
            length--;
        return held.Length - held[..^length].TrimEnd('\n').Length;
    }

    private void Think(string text)
    {
        if (_isEmpty)
            text = text.TrimStart('\n');
        if (text.Length == 0)
            return;
        _isEmpty = false;
        thought(text);
    }

    private void Say(string text)
    {
        if (text.Length > 0)
            said(text);
    }

    private string Take(int length)
    {
        string text = _held.ToString(0, length);
        _held.Remove(0, length);
        return text;
    }
}
