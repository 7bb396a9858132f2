using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Attribution;

/// <summary><c>GET /api/replies/{id}/sources</c>: why did you say that?</summary>
internal static class SourcesApi
{
    public static void MapSources(this IEndpointRouteBuilder routes) => routes.MapGet("/api/replies/{id}/sources", List)
        .WithTags("Conversations").WithSummary("The examples that a reply comes from: recalled, or learned by its version")
        .RequireScope(Scopes.Train).Refuses(StatusCodes.Status404NotFound);

    private static JsonAnswer<ListPage<ReplySource>> List(string id, Caller caller, SourceStore store)
    {
        IReadOnlyList<ReplySource> found = store.Find(caller, ReplyIds.OfCompletion(id)) ?? throw OpenAiException.NotFound("reply", id);
        return ApiJson.Result(ListPage<ReplySource>.Of(found, found.Count, s => s.ExampleId), SourcesJson.Wire.ListPageReplySource);
    }
}

/// <summary>JSON of sources.</summary>
[JsonSerializable(typeof(ListPage<ReplySource>))]
internal sealed partial class SourcesJson : JsonSerializerContext
{
    public static SourcesJson Wire { get; } = new(ApiJson.Options());
}
