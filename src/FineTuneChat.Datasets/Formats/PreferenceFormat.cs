using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Formats;

/// <summary>
/// Rows for learning by preference: DPO has a chosen and a rejected reply, KTO one reply and whether it is good. Examples they are only if the user says so.
/// </summary>
internal static class PreferenceFormat
{
    /// <summary>The better reply as an example; null where it is not to be taken, which is said.</summary>
    public static Conversation? ReadDpo(JsonElement row, RowShape shape, bool takesChosen, RowNotes notes)
    {
        IReadOnlyList<ChatMessage> chosen = MessageList.ReadReply(row, shape[Field.Chosen]!, notes);
        MessageList.ReadReply(row, shape[Field.Rejected]!, notes); // must be one
        bool holdsQuestion = chosen.Any(m => m.Role == ChatRole.User);
        IReadOnlyList<ChatMessage> question = holdsQuestion ? [] : PairFormat.Question(row, shape, notes);
        if (!takesChosen)
        {
            notes.Tell(
                NoticeKinds.Dpo, "preference pairs (chosen and rejected), rows for --method dpo: no examples, unless you take their chosen replies (--chosen)");
            return null;
        }
        notes.Tell(NoticeKinds.Dpo, "preference pairs (chosen and rejected): the chosen reply is taken as an example, the rejected one is not used");
        return new Conversation([.. question, .. chosen], ToolList.Read(row, shape[Field.Tools]));
    }

    /// <summary>A good reply as an example; null where it is bad or not to be taken, which is said.</summary>
    public static Conversation? ReadKto(JsonElement row, RowShape shape, bool isGood, bool takesChosen, RowNotes notes)
    {
        IReadOnlyList<ChatMessage> question = PairFormat.Question(row, shape, notes), reply = MessageList.ReadReply(row, shape[Field.Reply]!, notes);
        if (takesChosen && isGood)
        {
            notes.Tell(NoticeKinds.Kto, "replies with a label (true or false): those that are true are taken as examples");
            return new Conversation([.. question, .. reply], ToolList.Read(row, shape[Field.Tools]));
        }
        notes.Tell(NoticeKinds.Kto, takesChosen
            ? "replies whose label is false: not used"
            : "replies with a label (true or false), rows for --method kto: no examples, unless you take those that are true (--chosen)");
        return null;
    }

    /// <summary>Whether a label says that the reply is good; null where it is no such label.</summary>
    public static bool? LabelOf(JsonElement row, string? key)
    {
        if (key is null || !row.TryGetProperty(key, out JsonElement label))
            return null;
        return label.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => label.GetString()!.Trim().ToLowerInvariant() switch { "true" => true, "false" => false, _ => null },
            _ => null,
        };
    }
}
