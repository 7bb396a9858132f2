using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Access;

/// <summary><c>/api/keys</c>: make, list, revoke. <c>/api/access</c>: what the caller's own key may do.</summary>
internal static class ApiKeysApi
{
    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/keys").RequireScope(Scopes.Admin);
        group.MapGet("", List);
        group.MapPost("", CreateAsync).Stores();
        group.MapDelete("{id}", RevokeAsync);
        routes.MapGet("/api/access", GetAccess).RequireScope(Scopes.Any);
    }

    private static IResult GetAccess(Caller caller) =>
        ApiJson.Result(new CallerAccess(caller.Key?.Name, [.. Scopes.All.Where(caller.MayDo)]), AccessJson.Wire.CallerAccess);

    private static IResult List(ApiKeyStore keys) =>
        ApiJson.Result(ListPage<ApiKey>.Of(keys.List(), int.MaxValue, k => k.Id), AccessJson.Wire.ListPageApiKey);

    private static async Task<IResult> CreateAsync(HttpRequest request, ApiKeyStore keys, CancellationToken cancellation)
    {
        (string name, IReadOnlyList<string> scopes) = (await RequestReader.ReadAsync(request, AccessJson.Wire.ApiKeyRequest)).Validate();
        return ApiJson.Result(await keys.CreateAsync(name, scopes), AccessJson.Wire.ApiKey);
    }

    private static async Task<IResult> RevokeAsync(string id, ApiKeyStore keys) =>
        ApiJson.Result(await keys.RevokeAsync(id) ?? throw OpenAiException.NotFound("API key", id), AccessJson.Wire.ApiKey);
}

/// <summary>What the caller may do.</summary>
/// <param name="Key">The name of its key; null where none is asked for.</param>
/// <param name="Scopes">All that it may do, whether the key says so or an admin's key includes it.</param>
internal sealed record CallerAccess(string? Key, IReadOnlyList<string> Scopes)
{
    public string Object => "access";
}
