using System.Text;
using FineTuneChat.Chat.Replies;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Tools;

/// <summary>
/// Finds calls in a reply while it is written, character by character, so that it makes no difference how the text is cut. What does not
/// read as a call of a known tool stays text.
/// </summary>
/// <param name="format">How calls are written.</param>
/// <param name="tools">Names of the functions that may be called.</param>
/// <param name="isText">Whether an argument of a tool is text by its schema; null where it says nothing.</param>
/// <param name="newId">Makes the ids of calls.</param>
/// <param name="atOnce">Whether a call is told when it begins, and its arguments as they come; otherwise when it is complete.</param>
/// <param name="found">Told what is found.</param>
internal sealed class ToolCallReader(
    ToolFormat format, IReadOnlyCollection<string> tools, Func<string, string, bool?> isText, Func<string> newId, bool atOnce, Action<ReplyPart> found)
{
    private readonly CallHeader? _header = format.NamesFirst ? new CallHeader(format, tools) : null;
    private readonly StringBuilder _text = new();    // to be given out
    private readonly StringBuilder _held = new();    // may be the beginning of calls
    private readonly StringBuilder _between = new(); // since calls began, or since the last one
    private readonly StringBuilder _arguments = new(); // to be given out
    private ICallText? _object;
    private State _state = State.Text;
    private string _opened = "";

    private enum State
    {
        /// <summary>Looking for what calls begin with.</summary>
        Text,

        /// <summary>Between calls: the next object comes, or the end of the calls.</summary>
        Between,

        /// <summary>Inside an object.</summary>
        Object,

        /// <summary>The reply began with text, and calls of this format stand at its beginning only.</summary>
        Plain,
    }

    public void Append(string text)
    {
        foreach (char c in text)
            Append(c);
        Flush();
    }

    /// <summary>Called when the reply has ended: a call that is not complete is text; where a limit has cut it, it is nothing.</summary>
    public void Finish(bool isCut)
    {
        _object?.EndArguments();
        if (isCut && IsInCall)
            Tell(_object?.FinishedCalls(newId) ?? []);
        else
            _text.Append(_held).Append(Begun()).Append(_object?.Rest);
        Flush();
    }

    /// <summary>Whether what was read last is a call that has begun, or the mark of one.</summary>
    private bool IsInCall => _state switch
    {
        State.Text => _held.ToString().Trim().Length > 1,
        State.Between => true,
        State.Object => !format.Triggers.Contains("{") || _object!.BeginsCall,
        _ => false,
    };

    private void Tell(List<ChatToolCall> calls)
    {
        Flush();
        foreach (ChatToolCall call in calls)
            found(ReplyPart.OfCall(call));
    }

    private void Append(char c)
    {
        switch (_state)
        {
            case State.Plain:
                _text.Append(c);
                break;
            case State.Text:
                Look(c);
                break;
            case State.Between:
                Skip(c);
                break;
            case State.Object:
                Read(c);
                break;
        }
    }

    private void Look(char c)
    {
        _held.Append(c);
        string begun = _held.ToString().TrimStart();
        if (format.Triggers.Contains(begun))
        {
            string trigger = begun;
            _opened = _held.ToString();
            _held.Clear();
            if (trigger == "{")
            {
                _opened = _opened[..^1];
                Open(name: null);
            }
            else if (format.Tags is not null)
                (_state, _object) = (State.Object, new TaggedCalls(format, tools, isText));
            else
            {
                _state = State.Between;
            }
            return;
        }
        if (format.OnlyAtStart && !IsBeginning(begun))
        {
            _text.Append(_held);
            _held.Clear();
            _state = State.Plain;
        }
        while (_held.Length > 0 && !IsBeginning(_held.ToString().TrimStart()))
        {
            _text.Append(_held[0]);
            _held.Remove(0, 1);
        }
    }

    private bool IsBeginning(string text) => text.Length == 0 || format.Triggers.Any(trigger => trigger.StartsWith(text, StringComparison.Ordinal));

    private void Skip(char c)
    {
        string rest = Unexpected(_between.ToString());
        string? name = _header?.NameOf(rest);
        if (c == '{' && (_header is null ? rest.Length == 0 : name is not null))
        {
            Open(name);
            return;
        }
        _between.Append(c);
        rest = Unexpected(_between.ToString());
        if (format.TextHeader.Length > 0 && rest == format.TextHeader)
        {
            Close(State.Text);
            return;
        }
        if (rest.Length == 0 || format.Between.Append(format.TextHeader).Any(text => text.StartsWith(rest, StringComparison.Ordinal))
            || _header?.IsBeginning(rest) == true)
            return;
        _text.Append(Begun() is { Length: > 0 } begun ? begun : rest);
        Close(format.OnlyAtStart ? State.Plain : State.Text);
    }

    /// <summary>Text that could be the beginning of another call; what closes the call before it is left out.</summary>
    private string Begun()
    {
        string between = _between.ToString();
        if (_opened.Length > 0)
            return _opened + between;
        int begun = format.Triggers.Max(trigger => between.LastIndexOf(trigger, StringComparison.Ordinal));
        return begun >= 0 ? between[begun..] : "";
    }

    /// <summary>What is left of a text without white space and what belongs between objects.</summary>
    private string Unexpected(string text)
    {
        while (true)
        {
            text = text.TrimStart();
            string? known = format.Between.FirstOrDefault(between => text.StartsWith(between, StringComparison.Ordinal));
            if (known is null)
                return text;
            text = text[known.Length..];
        }
    }

    private void Open(string? name)
    {
        _state = State.Object;
        _object = new CallObject(tools, name, format.NameIsKey, atOnce ? Begin : null, c => _arguments.Append(c));
        Read('{');
    }

    private void Read(char c)
    {
        _object!.Append(c);
        if (_object.IsComplete)
            Complete(_object);
    }

    /// <summary>Begins a call that cannot be taken back.</summary>
    private void Begin(string name)
    {
        Flush();
        _opened = "";
        _between.Clear();
        found(ReplyPart.OfCall(new ChatToolCall(newId(), name, "")));
    }

    private void Complete(ICallText written)
    {
        if (written.Calls(newId) is { } calls)
        {
            Tell(calls);
            Close(format.Tags is null ? State.Between : State.Text);
            return;
        }
        string rest = written.Rest;
        Flush();
        _text.Append(Begun()).Append(rest);
        Close(rest.Length == 0 ? State.Between : format.OnlyAtStart ? State.Plain : State.Text);
    }

    private void Close(State next)
    {
        _opened = "";
        _between.Clear();
        _object = null;
        _state = next;
    }

    private void Flush()
    {
        if (_arguments.Length > 0)
            found(ReplyPart.OfArguments(_arguments.ToString()));
        _arguments.Clear();
        if (_text.Length > 0)
            found(ReplyPart.OfText(_text.ToString()));
        _text.Clear();
    }
}
