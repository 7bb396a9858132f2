using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Log.Totals;

/// <summary>How many replies there were, and what they took.</summary>
internal static class UsageApi
{
    public static void MapUsage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/conversations/{id}/usage", OfConversation).WithTags("Conversations")
            .WithSummary("Replies, tokens and seconds of a conversation, by model").RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
        routes.MapGet("/api/assistants/{id}/usage", OfAssistant).WithTags("Assistants")
            .WithSummary("Replies, tokens and seconds of the caller's conversations with an assistant, by model")
            .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);
    }

    private static JsonAnswer<UsageReport> OfConversation(string id, Caller caller, ConversationStore conversations, UsageStore usage) =>
        conversations.AssistantOf(id) is null || conversations.IsAnothers(id, caller)
            ? throw OpenAiException.NotFound("conversation", id)
            : ApiJson.Result(usage.OfConversation(id), UsageJson.Wire.UsageReport);

    private static JsonAnswer<UsageReport> OfAssistant(string id, Caller caller, AssistantRegistry assistants, UsageStore usage) =>
        ApiJson.Result(usage.OfAssistant(caller, assistants.Require(caller, id).Id), UsageJson.Wire.UsageReport);
}
