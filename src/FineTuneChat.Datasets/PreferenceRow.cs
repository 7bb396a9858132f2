namespace FineTuneChat.Datasets;

/// <summary>A row for learning by preference: a reply with a worse one (DPO), or a reply and whether it is good (KTO).</summary>
/// <param name="Reply">The conversation with the reply at its end; of a pair, the better one.</param>
/// <param name="Rejected">The same with the worse reply; null where replies are judged one by one.</param>
/// <param name="IsGood">Whether the reply is wanted; of a pair it is.</param>
public sealed record PreferenceRow(Conversation Reply, Conversation? Rejected, bool IsGood);
