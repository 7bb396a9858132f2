using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Access;

/// <summary><c>/api/keys</c>: make, list, revoke. <c>/api/access</c>: what the caller's own key may do.</summary>
internal static class ApiKeysApi
{
    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/keys").WithTags("Server").RequireScope(Scopes.Admin);
        group.MapGet("", List).WithSummary("API keys");
        group.MapPost("", CreateAsync).WithSummary("Makes a key; it is shown this once").Takes(typeof(ApiKeyRequest)).Stores();
        group.MapDelete("{id}", RevokeAsync).WithSummary("Revokes a key").Refuses(StatusCodes.Status404NotFound);
        routes.MapGet("/api/access", GetAccess).WithTags("Server").WithSummary("What the caller may do").RequireScope(Scopes.Any);
    }

    private static JsonAnswer<CallerAccess> GetAccess(Caller caller) =>
        ApiJson.Result(new CallerAccess(caller.Key?.Name, [.. Scopes.All.Where(caller.MayDo)]), AccessJson.Wire.CallerAccess);

    private static JsonAnswer<ListPage<ApiKey>> List(ApiKeyStore keys) =>
        ApiJson.Result(ListPage<ApiKey>.Of(keys.List(), int.MaxValue, k => k.Id), AccessJson.Wire.ListPageApiKey);

    private static async Task<JsonAnswer<ApiKey>> CreateAsync(HttpRequest request, ApiKeyStore keys, AssistantRegistry assistants)
    {
        ApiKeyRequest asked = await RequestReader.ReadAsync(request, AccessJson.Wire.ApiKeyRequest);
        (string name, IReadOnlyList<string> scopes, IReadOnlyList<string>? only) = asked.Validate(assistants.All.Select(a => a.Id));
        return ApiJson.Result(await keys.CreateAsync(name, scopes, only), AccessJson.Wire.ApiKey);
    }

    private static async Task<JsonAnswer<ApiKey>> RevokeAsync(string id, ApiKeyStore keys) =>
        ApiJson.Result(await keys.RevokeAsync(id) ?? throw OpenAiException.NotFound("API key", id), AccessJson.Wire.ApiKey);
}

/// <summary>What the caller may do.</summary>
/// <param name="Key">The name of its key; null where none is asked for.</param>
/// <param name="Scopes">All that it may do, whether the key says so or an admin's key includes it.</param>
internal sealed record CallerAccess(string? Key, IReadOnlyList<string> Scopes)
{
    public string Object => "access";
}
