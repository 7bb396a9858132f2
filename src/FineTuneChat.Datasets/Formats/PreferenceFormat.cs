using System.Text.Json;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Formats;

/// <summary>
/// Rows for learning by preference: DPO has a chosen and a rejected reply, KTO one reply and whether it is good. Examples they are only if the user says so.
/// </summary>
internal static class PreferenceFormat
{
    /// <summary>A pair, and the better reply as an example; null where it is not to be taken, which is said.</summary>
    public static (PreferenceRow Row, Conversation? Example) ReadDpo(JsonElement row, RowShape shape, DatasetOptions options, RowNotes notes)
    {
        IReadOnlyList<ChatMessage> chosen = MessageList.ReadReply(row, shape[Field.Chosen]!, notes);
        IReadOnlyList<ChatMessage> rejected = MessageList.ReadReply(row, shape[Field.Rejected]!, notes);
        var preference = new PreferenceRow(Whole(chosen), Whole(rejected), IsGood: true);
        if (options.WantsPreferences)
            return (preference, null);
        if (!options.TakesChosen)
        {
            notes.Tell(
                NoticeKinds.Dpo, "preference pairs (chosen and rejected), rows for --method dpo: no examples, unless you take their chosen replies (--chosen)");
            return (preference, null);
        }
        notes.Tell(NoticeKinds.Dpo, "preference pairs (chosen and rejected): the chosen reply is taken as an example, the rejected one is not used");
        return (preference, preference.Reply);

        // Some files repeat the question in both replies.
        Conversation Whole(IReadOnlyList<ChatMessage> reply) => new(
            [.. reply.Any(m => m.Role == ChatRole.User) ? [] : PairFormat.Question(row, shape, notes), .. reply], ToolList.Read(row, shape[Field.Tools]));
    }

    /// <summary>A judged reply, and a good one as an example; null where it is bad or not to be taken, which is said.</summary>
    public static (PreferenceRow Row, Conversation? Example) ReadKto(JsonElement row, RowShape shape, bool isGood, DatasetOptions options, RowNotes notes)
    {
        IReadOnlyList<ChatMessage> question = PairFormat.Question(row, shape, notes), reply = MessageList.ReadReply(row, shape[Field.Reply]!, notes);
        var preference = new PreferenceRow(new([.. question, .. reply], ToolList.Read(row, shape[Field.Tools])), Rejected: null, isGood);
        if (options.WantsPreferences)
            return (preference, null);
        if (options.TakesChosen && isGood)
        {
            notes.Tell(NoticeKinds.Kto, "replies with a label (true or false): those that are true are taken as examples");
            return (preference, preference.Reply);
        }
        notes.Tell(NoticeKinds.Kto, options.TakesChosen
            ? "replies whose label is false: not used"
            : "replies with a label (true or false), rows for --method kto: no examples, unless you take those that are true (--chosen)");
        return (preference, null);
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
