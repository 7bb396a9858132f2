using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Processes;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Talks;

/// <summary><c>GET /api/replies/{id}/context</c>: what of the talk the model did not see when it wrote a reply, and what stood for that.</summary>
internal static class ReplyContextApi
{
    public static void MapReplyContext(this IEndpointRouteBuilder routes) => routes.MapGet("/api/replies/{id}/context", Get)
        .WithTags("Conversations").WithSummary("How many of the oldest messages were left out before a reply, and the summary that stood for them")
        .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);

    private static JsonAnswer<ReplyContext> Get(string id, Caller caller, Database database)
    {
        string completionId = ReplyIds.OfCompletion(id);
        ReplyContext context = database.Read(connection =>
            LoggedExchange.FindFor(caller, connection, completionId) is { } exchange
                ? new ReplyContext { CompletionId = completionId, Folded = exchange.Folded, Summary = exchange.Summary }
                : null) ?? throw OpenAiException.NotFound("reply", id);
        return ApiJson.Result(context, TalksJson.Wire.ReplyContext);
    }
}

/// <summary>What a model did not see.</summary>
internal sealed record ReplyContext
{
    public string Object => "reply.context";
    public required string CompletionId { get; init; }

    /// <summary>How many of the oldest messages.</summary>
    public required int Folded { get; init; }

    /// <summary>What stood for them; null: nothing.</summary>
    public required string? Summary { get; init; }
}

/// <summary>JSON of long talks.</summary>
[JsonSerializable(typeof(ReplyContext))]
[JsonSerializable(typeof(TalkFolds))]
internal sealed partial class TalksJson : JsonSerializerContext
{
    public static TalksJson Wire { get; } = new(ApiJson.Options());
}
