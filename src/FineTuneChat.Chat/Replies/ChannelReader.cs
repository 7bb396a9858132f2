using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Replies;

/// <summary>
/// Takes replies in channels apart, as gpt-oss writes them: each message has a header that names its channel, and whom it is for. What has no header
/// is the answer.
/// </summary>
/// <param name="tools">Names of the functions that may be called.</param>
/// <param name="newId">Makes the ids of calls.</param>
/// <param name="found">Told what is found.</param>
internal sealed partial class ChannelReader(IReadOnlyCollection<string> tools, Func<string> newId, Action<ReplyPart> found)
{
    private const string Start = "<|start|>", Channel = "<|channel|>", Message = "<|message|>", End = "<|end|>";
    private const int LongestHeader = 200; // characters
    private static readonly string[] Headers = [Start, Channel, Message, " to=", "to="];
    private static readonly string[] Ends = [End, Start, Channel];

    private readonly StringBuilder _held = new();
    private readonly StringBuilder _arguments = new();
    private Part _part = Part.Unknown;
    private string _tool = "";

    private enum Part
    {
        /// <summary>Nothing was read yet.</summary>
        Unknown,
        Header,
        Reasoning,
        Answer,
        Call,
    }

    public bool IsReasoning => _part == Part.Reasoning;

    public void Append(string text)
    {
        _held.Append(text);
        while (Step())
        {
        }
    }

    /// <summary>Called when the reply has ended. A call that a limit has cut is nothing.</summary>
    public void Finish(bool isCut)
    {
        if (_part == Part.Unknown)
            _part = isCut && _held.Length > 1 ? Part.Header : Part.Answer; // what is held then begins one
        if (_part != Part.Header)
            Tell(Take(_held.Length));
        EndPart(isCut);
    }

    /// <summary>One step with what is held; false when more text is needed.</summary>
    private bool Step()
    {
        string held = _held.ToString();
        switch (_part)
        {
            case Part.Unknown when held.Length == 0 || Headers.Any(header => header.StartsWith(held, StringComparison.Ordinal) && header != held):
                return false;
            case Part.Unknown:
                _part = Headers.Any(header => held.StartsWith(header, StringComparison.Ordinal)) ? Part.Header : Part.Answer;
                return true;
            case Part.Header when held.IndexOf(Message, StringComparison.Ordinal) is >= 0 and int stop:
                BeginPart(Take(stop));
                Take(Message.Length);
                return true;
            case Part.Header:
                if (held.Length > LongestHeader)
                    _part = Part.Answer;
                return held.Length > LongestHeader;
            default:
                return ReadPart(held);
        }
    }

    private bool ReadPart(string held)
    {
        int end = Ends.Select(mark => held.IndexOf(mark, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (end < 0)
        {
            Tell(Take(held.Length - PossibleMark(held)));
            return false;
        }
        Tell(Take(end));
        EndPart(isCut: false);
        if (held.AsSpan(end).StartsWith(End, StringComparison.Ordinal))
            Take(End.Length);
        _part = Part.Header;
        return true;
    }

    /// <summary>Length of the end that may be the beginning of a mark.</summary>
    private static int PossibleMark(string held) => Enumerable.Range(1, Math.Min(Channel.Length - 1, held.Length)).Reverse()
        .FirstOrDefault(length => Ends.Any(mark => mark.StartsWith(held[^length..], StringComparison.Ordinal)));

    private void BeginPart(string header)
    {
        _tool = Recipient().Match(header) is { Success: true } to ? to.Groups[1].Value : "";
        _part = tools.Contains(_tool) ? Part.Call : header.Contains(Channel + "analysis", StringComparison.Ordinal) ? Part.Reasoning : Part.Answer;
    }

    private void Tell(string text)
    {
        if (_part == Part.Call)
            _arguments.Append(text);
        else if (text.Length > 0)
            found(_part == Part.Reasoning ? ReplyPart.OfReasoning(text) : ReplyPart.OfText(text));
    }

    private void EndPart(bool isCut)
    {
        if (_part != Part.Call)
            return;
        string arguments = _arguments.ToString().Trim();
        _arguments.Clear();
        if (IsObject(arguments))
            found(ReplyPart.OfCall(new ChatToolCall(newId(), _tool, Tools.UniqueKeys.Of(arguments))));
        else if (!isCut && arguments.Length > 0)
            found(ReplyPart.OfText(arguments));
    }

    private static bool IsObject(string text)
    {
        try
        {
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private string Take(int length)
    {
        string text = _held.ToString(0, length);
        _held.Remove(0, length);
        return text;
    }

    [GeneratedRegex(@"to=functions\.([\w.-]+)")]
    private static partial Regex Recipient();
}
