using Dapper;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Log;

/// <summary>Tells whoever may see a conversation that it is another now: a page that shows it reads it again.</summary>
internal sealed class ConversationReporter(EventHub events, Database database)
{
    private const string Event = "conversation.changed";

    /// <summary>Of a conversation that is there.</summary>
    public void Tell(ConversationNews news)
    {
        (string owner, string assistant) = database.Read(connection => connection.QueryFirstOrDefault<(string, string)>(
            "SELECT owner, assistant FROM conversations WHERE id = @Id", new { news.Id }));
        if (owner is not null)
            Tell(news, owner, assistant);
    }

    /// <summary>Of the conversation in which a reply is.</summary>
    public void TellOfReply(string completionId, string change)
    {
        string? id = database.Read(connection => connection.QueryFirstOrDefault<string>(
            "SELECT conversation_id FROM exchanges WHERE completion_id = @completionId", new { completionId }));
        if (id is not null)
            Tell(new ConversationNews(id, change, completionId));
    }

    public void Tell(ConversationNews news, string owner, string? assistant) =>
        events.Publish(Event, news, LogJson.Wire.ConversationNews, assistant, owner);
}
