using FineTuneChat.Datasets.Chats;

namespace FineTuneChat.Datasets;

/// <summary>A row of a dataset file: a conversation, or why it is none.</summary>
/// <param name="Line">The line in the file, the row of a table or the place in a list, from 1.</param>
/// <param name="Conversation">Null when the row is bad, or a preference that is not to be taken as an example.</param>
/// <param name="Error">What is wrong with it, without a full stop; null when it is good.</param>
public sealed record DatasetRow(int Line, Conversation? Conversation, string? Error)
{
    /// <summary>What a preference says; null where the row is none.</summary>
    public PreferenceRow? Preference { get; init; }

    /// <summary>Kinds of what was noticed in this row (<see cref="Reports.NoticeKinds"/>); empty when nothing was.</summary>
    public IReadOnlyCollection<string> Notices { get; init; } = [];

    /// <summary>Of a chat that another program has exported; else null.</summary>
    public ChatHead? Chat { get; init; }

    /// <summary>Whether its user could make it good by saying which column is what.</summary>
    internal bool IsUnclear { get; init; }
}
