using System.Text;
using FineTuneChat.Gateway;
using FineTuneChat.Security;

namespace FineTuneChat.Feedback;

/// <summary><c>/api/preferences</c>: which replies the user prefers to which, as ratings have said.</summary>
internal static class PreferencesApi
{
    public static void MapPreferences(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/preferences");
        group.MapGet("", (Caller caller, PreferenceStore store, string? limit, string? after) =>
            GatewayJson.Result(store.List(caller, Assistants.Default, ListQuery.Of(limit, after)), GatewayJson.Wire.ListPagePreference));
        group.MapGet("export", (PreferenceStore store) => Results.File(
            Encoding.UTF8.GetBytes(string.Concat(store.Rows(Assistants.Default).Select(row => row + "\n"))), "application/jsonl", "preferences.jsonl"));
    }
}
