using FineTuneChat.Chat.Tools;

namespace FineTuneChat.Chat.Replies;

/// <summary>Takes a reply apart while it is written: reasoning, answer, calls of tools. The pieces may be cut anywhere.</summary>
public sealed class ReplyReader
{
    private readonly List<ReplyPart> _parts = [];
    private readonly ReasoningReader _reasoning;
    private readonly ToolCallReader? _calls;
    private readonly ChannelReader? _channels;

    /// <summary>For one reply.</summary>
    /// <param name="reasoning">Whether the prompt has opened it.</param>
    /// <param name="format">How the model writes calls.</param>
    /// <param name="tools">Names of the functions that it may call; none: nothing is read as a call.</param>
    /// <param name="newId">Makes the ids of calls.</param>
    /// <param name="callsAtOnce">
    /// Whether a call is told when its arguments begin, and these as they come. Then a call that breaks off stays one, for nothing can be
    /// taken back; otherwise (default) it is told when it is complete, and what does not become one is text.
    /// </param>
    /// <param name="isText">Whether an argument of a tool is text by its schema; null where it says nothing.</param>
    /// <param name="opening">What the prompt has written already of what replies begin with; see <see cref="ToolFormat.OpeningOf"/>.</param>
    public ReplyReader(
        ReasoningStart reasoning, ToolFormat format, IReadOnlyCollection<string> tools, Func<string> newId, bool callsAtOnce = false,
        Func<string, string, bool?>? isText = null, string opening = "")
    {
        if (format.AnswerStart.Length > 0)
            _channels = new ChannelReader(tools, newId, _parts.Add);
        else if (tools.Count > 0 || format.TextHeader.Length > 0)
            _calls = new ToolCallReader(format, tools, isText ?? ((_, _) => null), newId, callsAtOnce, _parts.Add);
        Action<string> said = _calls is null ? text => _parts.Add(ReplyPart.OfText(text)) : _calls.Append;
        _reasoning = new ReasoningReader(reasoning == ReasoningStart.Open, text => _parts.Add(ReplyPart.OfReasoning(text)), said);
        _calls?.Append(opening);
    }

    /// <summary>What is read now is reasoning.</summary>
    public bool IsReasoning => _channels?.IsReasoning ?? _reasoning.IsThinking;

    /// <summary>Takes the next text, and gives the parts that can no longer change.</summary>
    public IReadOnlyList<ReplyPart> Read(string text)
    {
        if (_channels is null)
            _reasoning.Append(text);
        else
            _channels.Append(text);
        return Take();
    }

    /// <summary>Called when the reply has ended: gives the rest. A call that is not complete is text.</summary>
    /// <param name="isCut">Whether a limit has ended it: then a call that is not complete is left out.</param>
    public IReadOnlyList<ReplyPart> Finish(bool isCut = false)
    {
        _channels?.Finish(isCut);
        _reasoning.Finish();
        _calls?.Finish(isCut);
        return Take();
    }

    private ReplyPart[] Take()
    {
        ReplyPart[] parts = [.. _parts];
        _parts.Clear();
        return parts;
    }
}
