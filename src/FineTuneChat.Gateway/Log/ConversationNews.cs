using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Log;

/// <summary>What the event <c>conversation.changed</c> says: that, not what was written.</summary>
/// <param name="Id">Of the conversation; null: of several at once, or of new ones.</param>
/// <param name="Change">What happened.</param>
/// <param name="CompletionId">The reply that was logged or rated.</param>
internal sealed record ConversationNews(
    string? Id,
    [property: AllowedValues(ConversationNews.Answered, ConversationNews.Rated, ConversationNews.Changed, ConversationNews.Deleted, ConversationNews.Imported)]
    string Change,
    string? CompletionId = null)
{
    public const string Answered = "answered", Rated = "rated", Changed = "changed", Deleted = "deleted", Imported = "imported";
}
