using System.Text.RegularExpressions;
using FineTuneChat.Datasets.Checks;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets;

/// <summary>What is wrong with a row's conversation, or looks as if it were.</summary>
internal sealed partial class ConversationChecks(DatasetLimits limits, DatasetReport report)
{
    private const int LongCharacters = 16_000; // about 4,000 tokens

    private readonly Repetitions _repetitions = new(report);

    /// <exception cref="RowException">It cannot be learned.</exception>
    public void Require(Conversation conversation)
    {
        IReadOnlyList<ChatMessage> messages = conversation.Messages;
        if (messages.Count > limits.Messages)
            throw new RowException($"{messages.Count} messages; at most {limits.Messages} are allowed");
        if (!messages.Any(m => m.Role == ChatRole.Assistant))
            throw new RowException("no message of the assistant, so nothing to learn");
        if (messages.Any(m => m.Weight is not null) && !messages.Any(m => m.Weight == 1) && messages[^1] is not { Role: ChatRole.Assistant, Weight: null })
            throw new RowException("every message of the assistant has weight 0, so nothing to learn");
        if (messages.All(m => m.Role == ChatRole.Assistant))
            throw new RowException("only messages of the assistant; there must be something to reply to");
    }

    /// <summary>What its user should see before it is learned.</summary>
    public void Look(Conversation conversation, RowNotes notes)
    {
        foreach (ChatMessage message in conversation.Messages)
        {
            if (message.Content is not { } text)
                continue;
            if (Mojibake.Find(text) is { } letters)
                notes.Tell(NoticeKinds.Mojibake, "letters were decoded wrongly before the file was written", $"{notes.Row}: {letters}");
            if (Escapes().IsMatch(text))
                notes.Tell(NoticeKinds.EscapedText, "line ends or letters stand as escapes in a text (\\n\\n, \\u00e1): a model would learn the backslashes");
            if (message.Role == ChatRole.Assistant && JsonReply.Mistake(text) is { } kind)
                notes.Tell(kind, kind == NoticeKinds.HalfEscapedJson
                    ? "a reply is JSON with its quotes escaped once too often (\\\"): a model would learn the backslashes"
                    : "a reply begins like JSON and is none", $"{notes.Row}: {text}");
        }
        if (conversation.Messages.Sum(m => m.Content?.Length ?? 0) > LongCharacters)
            notes.Tell(NoticeKinds.Long, $"more than {LongCharacters:N0} characters, about 4,000 tokens: what does not fit a run is shortened from its front");
        _repetitions.Add(conversation.Messages, notes.Row);
    }

    [GeneratedRegex(@"\\n\\n|\\u00[0-9a-fA-F]{2}", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes();
}
