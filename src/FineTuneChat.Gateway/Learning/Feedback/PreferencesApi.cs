using System.Text;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Assistants;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary><c>/api/preferences</c>: which replies the user prefers to which, as ratings have said.</summary>
internal static class PreferencesApi
{
    public static void MapPreferences(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/preferences");
        group.MapGet("", List).RequireScope(Scopes.Rate);
        group.MapGet("export", Export).RequireScope(Scopes.Train);
    }

    private static IResult List(Caller caller, PreferenceStore store, string? limit, string? after) =>
        ApiJson.Result(store.List(caller, AssistantNames.Default, ListQuery.Of(limit, after)), FeedbackJson.Wire.ListPagePreference);

    private static IResult Export(PreferenceStore store) => Results.File(
        Encoding.UTF8.GetBytes(string.Concat(store.Rows(AssistantNames.Default).Select(row => row + "\n"))), "application/jsonl", "preferences.jsonl");
}
