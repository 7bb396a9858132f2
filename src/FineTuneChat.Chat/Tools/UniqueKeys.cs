using System.Text;
using System.Text.Json;

namespace FineTuneChat.Chat.Tools;

/// <summary>JSON while it is written, without the members whose key stands in the same object already.</summary>
/// <param name="keep">Told each character that stays.</param>
internal sealed class UniqueKeys(Action<char> keep)
{
    private readonly Stack<HashSet<string>?> _open = []; // keys so far; null for an array
    private readonly StringBuilder _held = new(); // a comma and a key: they stay if the key is new
    private bool _inString, _escaped, _awaitsKey;
    private int _skipped = -1; // depth of the member that is left out; -1: none is
    private int _keyStart;

    /// <summary>A whole text.</summary>
    public static string Of(string json)
    {
        var kept = new StringBuilder(json.Length);
        var keys = new UniqueKeys(c => kept.Append(c));
        foreach (char c in json)
            keys.Append(c);
        keys.Finish();
        return kept.ToString();
    }

    public void Append(char c)
    {
        bool isSyntax = !_inString;
        if (isSyntax && _skipped == _open.Count && c is ',' or '}')
            _skipped = -1;
        if (isSyntax && (c == ',' || c == '{') && _skipped < 0)
            BeginKey(c);
        else
            Pass(c);
        if (isSyntax)
            ReadSyntax(c);
        else
            ReadString(c);
    }

    /// <summary>Called when the text has ended, where it may be cut.</summary>
    public void Finish()
    {
        Flush();
        _awaitsKey = false;
    }

    private void BeginKey(char c)
    {
        Flush();
        _keyStart = -1;
        _awaitsKey = c == '{' || (_open.TryPeek(out HashSet<string>? keys) && keys is not null);
        if (c == ',' && _awaitsKey)
            _held.Append(c);
        else
            keep(c);
    }

    private void Pass(char c)
    {
        if (_skipped >= 0)
            return;
        if (_awaitsKey)
            _held.Append(c);
        else
            keep(c);
    }

    private void ReadString(char c)
    {
        if (_escaped)
            _escaped = false;
        else if (c == '\\')
            _escaped = true;
        else
            _inString = c != '"';
    }

    private void ReadSyntax(char c)
    {
        switch (c)
        {
            case '"':
                (_inString, _keyStart) = (true, _held.Length - 1);
                break;
            case '{':
                _open.Push([]);
                break;
            case '[':
                _open.Push(null);
                break;
            case '}' or ']':
                _open.TryPop(out _);
                Finish();
                break;
            case ':' when _awaitsKey:
                EndKey();
                break;
        }
    }

    private void EndKey()
    {
        _awaitsKey = false;
        if (_keyStart >= 0 && _open.TryPeek(out HashSet<string>? keys) && keys is not null
            && !keys.Add(Text(_held.ToString(_keyStart, _held.Length - _keyStart - 1).Trim())))
        {
            _held.Clear();
            _skipped = _open.Count;
        }
        Flush();
    }

    private void Flush()
    {
        foreach (ReadOnlyMemory<char> chunk in _held.GetChunks())
        {
            foreach (char c in chunk.Span)
                keep(c);
        }
        _held.Clear();
    }

    /// <summary>The same for keys that are only written in different ways.</summary>
    private static string Text(string key)
    {
        try
        {
            return JsonElement.Parse(key).GetString() ?? key;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return key;
        }
    }
}
