using System.Text;
using System.Text.Json;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Tools;

/// <summary>
/// One JSON object of a reply while it is written. When the name of a known tool is read and its arguments begin, it is certainly a call:
/// from then on every character of the arguments is given out.
/// </summary>
internal sealed class CallObject : ICallText
{
    private const string List = "tool_calls";
    private const int MostOfKey = 14; // characters that tell
    private static readonly string[] FirstKeys = ["{\"name\"", $"{{\"{List}\""];

    private readonly IReadOnlyCollection<string> _tools;
    private readonly Action<string>? _begun;
    private readonly UniqueKeys? _argument;
    private readonly string? _givenName;
    private readonly bool _nameIsKey;
    private readonly StringBuilder _text = new();
    private string? _key, _name;
    private int _level; // how deep the keys of a call stand
    private int _depth, _stringStart, _told, _itemEnd;
    private bool _inString, _escaped, _isValue, _inArguments;

    /// <param name="tools">Those that may be called.</param>
    /// <param name="name">The tool, where the object is only its arguments.</param>
    /// <param name="nameIsKey">The name is the key of the object, and the arguments its value.</param>
    /// <param name="begun">Told the name of a call whose arguments begin; null: nothing is told before the object is complete.</param>
    /// <param name="argument">Told the arguments.</param>
    public CallObject(IReadOnlyCollection<string> tools, string? name, bool nameIsKey, Action<string>? begun, Action<char>? argument)
    {
        (_tools, _givenName, _begun, _argument) = (tools, name, begun, argument is null ? null : new UniqueKeys(argument));
        _nameIsKey = nameIsKey;
        (_level, _name, _key, _isValue) = name is null ? (1, null, null, false) : (0, name, "arguments", true);
    }

    public bool IsComplete => _depth == 0 && _text.Length > 0;

    /// <summary>Number of calls that were given out.</summary>
    public int Begun { get; private set; }

    /// <summary>The text that was not given out as a call; brackets that close a call are left out.</summary>
    public string Rest
    {
        get
        {
            string rest = _text.ToString(Told, _text.Length - Told);
            return Begun > 0 && rest.All(c => c is '}' or ']' || char.IsWhiteSpace(c)) ? "" : rest;
        }
    }

    /// <summary>Characters up to the end of the last call that was given out.</summary>
    private int Told => _inArguments ? _text.Length : _told;

    public void Append(char c)
    {
        _text.Append(c);
        if (_inArguments)
            _argument!.Append(c);
        if (_escaped)
            _escaped = false;
        else if (_inString)
            ReadString(c);
        else
            ReadSyntax(c);
    }

    public bool BeginsCall
    {
        get
        {
            string begun = string.Concat(_text.ToString().Where(c => !char.IsWhiteSpace(c)).Take(MostOfKey));
            return Begun > 0 || _name is not null || FirstKeys.Any(
                key => key.StartsWith(begun, StringComparison.Ordinal) || begun.StartsWith(key, StringComparison.Ordinal));
        }
    }

    public List<ChatToolCall>? Calls(Func<string> newId) => Calls(_text.ToString(), newId);

    public List<ChatToolCall> FinishedCalls(Func<string> newId) => _itemEnd > 0 ? Calls(_text.ToString(0, _itemEnd) + "]}", newId) ?? [] : [];

    public void EndArguments() => _argument?.Finish();

    private List<ChatToolCall>? Calls(string text, Func<string> newId)
    {
        try
        {
            JsonElement whole = JsonElement.Parse(text);
            if (_givenName is not null)
                return Begun > 0 ? [] : [new ChatToolCall(newId(), _givenName, UniqueKeys.Of(text))];
            if (_nameIsKey)
                return whole.EnumerateObject().ToArray() is [{ Value.ValueKind: JsonValueKind.Object } only] && _tools.Contains(only.Name)
                    ? Begun > 0 ? [] : [new ChatToolCall(newId(), only.Name, UniqueKeys.Of(only.Value.GetRawText()))]
                    : null;
            IEnumerable<JsonElement> items = whole.TryGetProperty(List, out JsonElement list) && list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray() : [whole];
            var calls = new List<ChatToolCall>();
            foreach (JsonElement item in items.Skip(Begun))
            {
                if (item.ValueKind != JsonValueKind.Object || !(item.TryGetProperty("name", out JsonElement name) || item.TryGetProperty("tool_name", out name))
                    || name.ValueKind != JsonValueKind.String || !_tools.Contains(name.GetString()!))
                    return null;
                bool hasArguments = item.TryGetProperty("arguments", out JsonElement arguments) || item.TryGetProperty("parameters", out arguments);
                if (hasArguments && arguments.ValueKind != JsonValueKind.Object)
                    return null;
                calls.Add(new ChatToolCall(newId(), name.GetString()!, hasArguments ? UniqueKeys.Of(arguments.GetRawText()) : "{}"));
            }
            return calls.Count + Begun > 0 ? calls : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // no JSON, or half of a character in an escape
        {
            return null;
        }
    }

    private void ReadString(char c)
    {
        _escaped = c == '\\';
        _inString = c != '"';
        if (_inString || _depth != _level)
            return;
        string text = _text.ToString(_stringStart, _text.Length - _stringStart - 1);
        if (!_isValue && _nameIsKey)
            (_key, _name) = ("arguments", _tools.Contains(text) ? text : null);
        else if (!_isValue)
            _key = text;
        else if (_key is "name" or "tool_name")
            _name = _tools.Contains(text) ? text : null;
    }

    private void ReadSyntax(char c)
    {
        switch (c)
        {
            case '"':
                (_inString, _stringStart) = (true, _text.Length);
                break;
            case ':' when _depth == _level:
                _isValue = true;
                break;
            case ',' when _depth == _level:
                _isValue = false;
                break;
            case '{' or '[':
                Open(c);
                break;
            case '}' or ']':
                Close();
                break;
        }
    }

    private void Open(char c)
    {
        bool isValueOfCall = _depth == _level && _isValue;
        _depth++;
        if (isValueOfCall && c == '{' && _name is not null && _key is "arguments" or "parameters")
            Begin();
        else if (isValueOfCall && c == '[' && _key == List && Begun == 0)
            _level = _depth + 1;
        else if (c == '{' && _depth == _level) // the next of a list
            (_name, _key, _isValue) = (null, null, false);
    }

    private void Begin()
    {
        if (_begun is null)
            return;
        Begun++;
        _inArguments = true;
        _begun(_name!);
        _argument!.Append('{');
    }

    private void Close()
    {
        _depth--;
        if (_level > 1 && _depth == _level - 1)
            _itemEnd = _text.Length;
        if (!_inArguments || _depth != _level)
            return;
        _inArguments = false;
        _argument!.Finish();
        _told = _text.Length;
        _name = null; // a second object is no second call
    }
}
