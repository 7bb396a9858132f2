using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Chat.Tools;

/// <summary>The text of a call, or of some, while it is written.</summary>
internal interface ICallText
{
    bool IsComplete { get; }

    /// <summary>Whether it is a call that has begun, as far as its beginning tells.</summary>
    bool BeginsCall { get; }

    /// <summary>The text that was not given out as a call.</summary>
    string Rest { get; }

    void Append(char c);

    /// <summary>The calls in the whole text that were not given out yet; null when it holds no calls.</summary>
    List<ChatToolCall>? Calls(Func<string> newId);

    /// <summary>Where the text breaks off: the calls that are whole and were not given out yet.</summary>
    List<ChatToolCall> FinishedCalls(Func<string> newId);

    /// <summary>Called when the reply has ended, where arguments may be cut.</summary>
    void EndArguments();
}
