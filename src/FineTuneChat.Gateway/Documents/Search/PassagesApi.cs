using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents.Chat;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary><c>/api/passages/{number}</c>: what a source says, with what stands around it.</summary>
internal static class PassagesApi
{
    public static void MapPassages(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/passages/{number:long}", Get).WithTags("Conversations").WithSummary("A source's text, with what stands before and after it")
            .RequireScope(Scopes.Chat).Refuses(StatusCodes.Status404NotFound);

    private static JsonAnswer<PassageView> Get(long number, Caller caller, PassageReader passages) => ApiJson.Result(
        passages.Find(caller, number) ?? throw OpenAiException.InvalidRequest(
            "This passage is not there any more: its document was deleted, or read anew.", code: "not_found", status: StatusCodes.Status404NotFound),
        DocumentsJson.Wire.PassageView);
}
