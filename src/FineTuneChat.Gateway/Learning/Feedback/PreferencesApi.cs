using System.Text;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary><c>/api/preferences</c>: which replies the user prefers to which, as ratings have said.</summary>
internal static class PreferencesApi
{
    public static void MapPreferences(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/preferences").WithTags("Conversations");
        group.MapGet("", List).WithSummary("Of two replies to one question, the one preferred")
            .RequireScope(Scopes.Rate).Refuses(StatusCodes.Status400BadRequest);
        group.MapGet("export", Export).WithSummary("The preferences of everybody, as JSON lines").RequireScope(Scopes.Train).AnswersText("application/jsonl");
    }

    private static JsonAnswer<ListPage<Preference>> List(Caller caller, Assistant assistant, PreferenceStore store, string? limit, string? after) =>
        ApiJson.Result(store.List(caller, assistant.Id, ListQuery.Of(limit, after)), FeedbackJson.Wire.ListPagePreference);

    private static IResult Export(Assistant assistant, PreferenceStore store) => Results.File(
        Encoding.UTF8.GetBytes(string.Concat(store.Rows(assistant.Id).Select(row => row + "\n"))), "application/jsonl", "preferences.jsonl");
}
