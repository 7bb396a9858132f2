using System.Text;
using System.Text.Json;
using FineTuneChat.Chat.Messages;
using FineTuneChat.Chat.Replies;

namespace FineTuneChat.Chat.Tools;

/// <summary>
/// Finds calls in a reply while it is written, character by character, so that it makes no difference how the text is cut. What does not
/// read as a call of a known tool stays text.
/// </summary>
internal sealed class ToolCallReader(ToolFormat format, IReadOnlyCollection<string> tools, Func<string> newId, Action<ReplyPart> found)
{
    private readonly StringBuilder _text = new();    // to be given out
    private readonly StringBuilder _held = new();    // may be the beginning of calls
    private readonly StringBuilder _between = new(); // since calls began, or since the last one
    private readonly StringBuilder _object = new();
    private State _state = State.Text;
    private string _opened = "";
    private int _depth;
    private bool _inString, _escaped;

    private enum State
    {
        /// <summary>Looking for what calls begin with.</summary>
        Text,

        /// <summary>Calls were begun: an object is to come, or their end.</summary>
        Between,

        /// <summary>Inside an object.</summary>
        Object,

        /// <summary>No calls any more: the reply began otherwise.</summary>
        Plain,
    }

    public void Append(string text)
    {
        foreach (char c in text)
            Append(c);
        Flush();
    }

    /// <summary>Nothing more comes: what was not complete is text.</summary>
    public void Finish()
    {
        _text.Append(_held).Append(Begun()).Append(_object);
        Flush();
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
                Open();
            }
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
        if (c == '{' && rest.Length == 0)
        {
            Open();
            return;
        }
        _between.Append(c);
        rest = Unexpected(_between.ToString());
        if (rest.Length == 0 || format.Between.Any(text => text.StartsWith(rest, StringComparison.Ordinal)))
            return;
        _text.Append(Begun() is { Length: > 0 } begun ? begun : rest);
        Close(format.OnlyAtStart ? State.Plain : State.Text);
    }

    /// <summary>The beginning of calls that is no call yet; what closes the call before it is no text.</summary>
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

    private void Open()
    {
        _state = State.Object;
        _object.Append('{');
        (_depth, _inString, _escaped) = (1, false, false);
    }

    private void Read(char c)
    {
        _object.Append(c);
        if (_escaped)
            _escaped = false;
        else if (_inString)
            (_escaped, _inString) = (c == '\\', c != '"');
        else if (c == '"')
            _inString = true;
        else if (c is '{' or '[')
            _depth++;
        else if (c is '}' or ']' && --_depth == 0)
            Complete();
    }

    private void Complete()
    {
        if (CallsOf(_object.ToString()) is { } calls)
        {
            Flush();
            foreach (ChatToolCall call in calls)
                found(ReplyPart.OfCall(call));
            _opened = "";
            _between.Clear();
            _object.Clear();
            _state = State.Between;
            return;
        }
        _text.Append(Begun()).Append(_object);
        Close(format.OnlyAtStart ? State.Plain : State.Text);
    }

    private void Close(State next)
    {
        _opened = "";
        _between.Clear();
        _object.Clear();
        _state = next;
    }

    /// <summary>The calls that an object stands for; null when it is something else.</summary>
    private List<ChatToolCall>? CallsOf(string json)
    {
        try
        {
            JsonElement whole = JsonElement.Parse(json);
            IEnumerable<JsonElement> items = whole.TryGetProperty("tool_calls", out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [whole];
            var calls = new List<ChatToolCall>();
            foreach (JsonElement item in items)
            {
                if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || !tools.Contains(name.GetString()!))
                    return null;
                bool hasArguments = item.TryGetProperty("arguments", out JsonElement arguments) || item.TryGetProperty("parameters", out arguments);
                if (hasArguments && arguments.ValueKind != JsonValueKind.Object)
                    return null;
                calls.Add(new ChatToolCall(newId(), name.GetString()!, hasArguments ? arguments.GetRawText() : "{}"));
            }
            return calls.Count > 0 ? calls : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // no JSON, or half of a character in an escape
        {
            return null;
        }
    }

    private void Flush()
    {
        if (_text.Length == 0)
            return;
        found(ReplyPart.OfText(_text.ToString()));
        _text.Clear();
    }
}
