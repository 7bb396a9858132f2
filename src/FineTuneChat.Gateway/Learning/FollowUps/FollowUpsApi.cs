using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.FollowUps;

/// <summary><c>/api/replies/{id}/follow-up</c>: shall I remember this? Nothing is, before somebody posts here.</summary>
internal static class FollowUpsApi
{
    public static void MapFollowUps(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/replies/{id}/follow-up").WithTags("Conversations").RequireScope(Scopes.Rate)
            .Refuses(StatusCodes.Status404NotFound);
        group.MapGet("", GetAsync).WithSummary("Whether a reply was written because the one before was not wanted, and what that could teach");
        group.MapPost("", RememberAsync).WithSummary("Makes an example of it: the first question, answered by the better reply").Stores()
            .Refuses(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<JsonAnswer<FollowUp>> GetAsync(
        string id, HttpContext http, Caller caller, FollowUpStore store, FollowUpDetector detector, ExchangeLog log)
    {
        string completionId = ReplyIds.OfCompletion(id);
        await log.WhenLoggedAsync(completionId).WaitAsync(http.RequestAborted);
        LoggedExchange exchange = store.Find(caller, completionId) ?? throw OpenAiException.NotFound("reply", id);
        return ApiJson.Result(store.View(exchange, await detector.IsFollowUpAsync(http, exchange)), FollowUpsJson.Wire.FollowUp);
    }

    private static async Task<JsonAnswer<FollowUp>> RememberAsync(
        string id, Caller caller, FollowUpStore store, ExchangeLog log, RetrainingService retraining, CancellationToken cancellation)
    {
        string completionId = ReplyIds.OfCompletion(id);
        await log.WhenLoggedAsync(completionId).WaitAsync(cancellation);
        FollowUp remembered = await store.RememberAsync(caller, completionId) ?? throw OpenAiException.NotFound("reply", id);
        await retraining.ConsiderAsync();
        return ApiJson.Result(remembered, FollowUpsJson.Wire.FollowUp);
    }
}

/// <summary>JSON of follow-ups.</summary>
[JsonSerializable(typeof(FollowUp))]
internal sealed partial class FollowUpsJson : JsonSerializerContext
{
    public static FollowUpsJson Wire { get; } = new(ApiJson.Options());
}
