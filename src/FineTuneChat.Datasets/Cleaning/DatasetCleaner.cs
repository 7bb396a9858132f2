using System.Globalization;
using FineTuneChat.Datasets.Checks;
using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Cleaning;

/// <summary>Cleans the rows of a dataset, one after the other, over all of its files; what each rule does is counted.</summary>
/// <param name="rules">Those to apply, of <see cref="CleaningRule.All"/>.</param>
public sealed class DatasetCleaner(IReadOnlyList<CleaningRule> rules)
{
    private readonly Repetitions _repetitions = new(new DatasetReport());
    private readonly Dictionary<string, (int Changed, int LeftOut)> _figures = rules.ToDictionary(rule => rule.Name, _ => (0, 0));
    private int _row;

    /// <summary>What was done so far, in the order of the rules.</summary>
    public IReadOnlyList<CleaningFigure> Figures => [.. rules.Select(r => new CleaningFigure(r.Name, _figures[r.Name].Changed, _figures[r.Name].LeftOut))];

    /// <summary>A row as it is learned; null: it is left out.</summary>
    /// <param name="row">A good one.</param>
    public DatasetRow? Clean(DatasetRow row)
    {
        foreach (CleaningRule rule in rules)
        {
            if (Applied(rule.Name, row) is not { } cleaned)
            {
                _figures[rule.Name] = _figures[rule.Name] with { LeftOut = _figures[rule.Name].LeftOut + 1 };
                return null;
            }
            if (!ReferenceEquals(cleaned, row))
                _figures[rule.Name] = _figures[rule.Name] with { Changed = _figures[rule.Name].Changed + 1 };
            row = cleaned;
        }
        string? repetition = _repetitions.Add(Said(row), ++_row);
        if (repetition is null || !_figures.TryGetValue(repetition, out var figure))
            return row;
        _figures[repetition] = figure with { LeftOut = figure.LeftOut + 1 };
        return null;
    }

    private static DatasetRow? Applied(string rule, DatasetRow row)
    {
        if (rule == CleaningRule.Empty)
            return Conversations(row).All(IsWhole) ? row : null;
        Conversation? conversation = Applied(rule, row.Conversation), reply = Applied(rule, row.Preference?.Reply);
        Conversation? rejected = Applied(rule, row.Preference?.Rejected);
        if (conversation is null != row.Conversation is null || reply is null != row.Preference is null
            || rejected is null != row.Preference?.Rejected is null)
            return null;
        bool isSame = ReferenceEquals(conversation, row.Conversation) && ReferenceEquals(reply, row.Preference?.Reply)
            && ReferenceEquals(rejected, row.Preference?.Rejected);
        PreferenceRow? preference = reply is null ? null : row.Preference! with { Reply = reply, Rejected = rejected };
        return isSame ? row : row with { Conversation = conversation, Preference = preference };
    }

    /// <summary>The same conversation where nothing changes; null: one of its texts cannot be put right.</summary>
    private static Conversation? Applied(string rule, Conversation? conversation)
    {
        if (conversation is null)
            return null;
        string?[] texts = [.. conversation.Messages.Select(m => m.Content is { } text ? TextCleaning.Apply(rule, text, m.Role) : null)];
        if (conversation.Messages.Zip(texts).Any(pair => pair.Second is null && pair.First.Content is not null))
            return null;
        return conversation.Messages.Zip(texts).All(pair => pair.First.Content == pair.Second)
            ? conversation
            : conversation with { Messages = [.. conversation.Messages.Zip(texts, (message, text) => message with { Content = text })] };
    }

    /// <summary>Whether there is something to reply to, and each reply to learn says something.</summary>
    private static bool IsWhole(Conversation conversation) =>
        conversation.Messages.Any(m => m.Role is ChatRole.User or ChatRole.Tool && !string.IsNullOrWhiteSpace(m.Content))
        && TrainedTurns.Of(conversation.Messages).Select(turn => conversation.Messages[turn])
            .All(reply => reply.ToolCalls.Count > 0 || !string.IsNullOrWhiteSpace(reply.Content));

    private static IEnumerable<Conversation> Conversations(DatasetRow row) =>
        ((Conversation?[])[row.Conversation, row.Preference?.Reply, row.Preference?.Rejected]).OfType<Conversation>();

    /// <summary>All that a row says, as one conversation: of a pair both replies, of a rated one the rating.</summary>
    private static IReadOnlyList<ChatMessage> Said(DatasetRow row) => row switch
    {
        { Conversation: { } conversation } => conversation.Messages,
        { Preference.Rejected: { } rejected } => [.. row.Preference.Reply.Messages, rejected.Messages[^1]],
        _ => [.. row.Preference!.Reply.Messages, new ChatMessage(ChatRole.User, row.Preference.IsGood.ToString(CultureInfo.InvariantCulture))],
    };
}
