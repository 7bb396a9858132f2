using System.Text;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Tools;

/// <summary>What stands between the tags of a call whose arguments are in tags themselves, while it is written. It may be several calls.</summary>
/// <param name="format">How they are written.</param>
/// <param name="tools">Those that may be called.</param>
/// <param name="isText">Whether an argument of a tool is text by its schema; null where it says nothing.</param>
internal sealed class TaggedCalls(ToolFormat format, IReadOnlyCollection<string> tools, Func<string, string, bool?> isText) : ICallText
{
    private readonly string _end = format.Close.Length > 0 ? format.Close : format.ItemEnd.Split('\n')[^1];
    private readonly string _nameStart = format.Close.Length > 0 ? format.ItemStart : format.ItemStart[format.Triggers[0].Length..].TrimStart();
    private readonly string _callEnd = format.ItemEnd.Contains('\n', StringComparison.Ordinal) ? format.ItemEnd.Split('\n')[0] : ""; // with more than one
    private readonly StringBuilder _text = new();

    public bool IsComplete => _text.Length >= _end.Length && _text[^1] == _end[^1] && _text.ToString().EndsWith(_end, StringComparison.Ordinal);

    public bool BeginsCall => true;

    public string Rest => _text.ToString();

    public void Append(char c) => _text.Append(c);

    public void EndArguments()
    {
    }

    public List<ChatToolCall>? Calls(Func<string> newId) => IsComplete ? Read(_text.ToString(0, _text.Length - _end.Length), newId, isWhole: true) : null;

    public List<ChatToolCall> FinishedCalls(Func<string> newId) => _callEnd.Length > 0 ? Read(_text.ToString(), newId, isWhole: false) ?? [] : [];

    private List<ChatToolCall>? Read(string text, Func<string> newId, bool isWhole)
    {
        var calls = new List<ChatToolCall>();
        IEnumerable<string> parts = _callEnd.Length > 0 ? text.Split(_callEnd) : [text];
        foreach (string part in isWhole ? parts : parts.SkipLast(1)) // the last one breaks off
        {
            string call = part.Trim();
            if (call.Length == 0)
                continue;
            if (Call(call + "\n", newId) is { } read)
                calls.Add(read);
            else if (isWhole)
                return null;
        }
        return calls.Count > 0 ? calls : null;
    }

    private ChatToolCall? Call(string text, Func<string> newId)
    {
        if (!text.StartsWith(_nameStart, StringComparison.Ordinal))
            return null;
        text = text[_nameStart.Length..];
        string stop = format.NameEnd.Trim();
        int end = stop.Length > 0 ? text.IndexOf(stop, StringComparison.Ordinal) : text.IndexOfAny(['\n', '<']);
        if (end < 0 || !tools.Contains(text[..end].Trim()))
            return null;
        string name = text[..end].Trim();
        return format.Tags!.Read(text[(end + stop.Length)..], key => isText(name, key)) is { } arguments ? new ChatToolCall(newId(), name, arguments) : null;
    }
}
