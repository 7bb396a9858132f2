using FineTuneChat.Gateway;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Security;

/// <summary><c>/api/keys</c>: make, list, revoke. <c>/api/access</c>: what the caller's own key may do.</summary>
internal static class ApiKeysApi
{
    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/keys");
        group.MapGet("", List);
        group.MapPost("", CreateAsync);
        group.MapDelete("{id}", RevokeAsync);
        routes.MapGet("/api/access", (Caller caller) => GatewayJson.Result(new Access(caller.Key?.Name, [.. Scopes.All.Where(caller.MayDo)]), GatewayJson.Wire.Access));
    }

    private static IResult List(ApiKeyStore keys) =>
        GatewayJson.Result(ListPage<ApiKey>.Of(keys.List(), int.MaxValue, k => k.Id), GatewayJson.Wire.ListPageApiKey);

    private static async Task<IResult> CreateAsync(HttpRequest request, ApiKeyStore keys, CancellationToken cancellation)
    {
        (string name, IReadOnlyList<string> scopes) = (await RequestReader.ReadAsync(request, GatewayJson.Default.ApiKeyRequest)).Validate();
        return GatewayJson.Result(await keys.CreateAsync(name, scopes), GatewayJson.Wire.ApiKey);
    }

    private static async Task<IResult> RevokeAsync(string id, ApiKeyStore keys) =>
        GatewayJson.Result(await keys.RevokeAsync(id) ?? throw GatewayErrors.NotFound("API key", id), GatewayJson.Wire.ApiKey);
}

/// <summary>What the caller may do.</summary>
/// <param name="Key">The name of its key; null where none is asked for.</param>
/// <param name="Scopes">All that it may do, whether the key says so or an admin's key includes it.</param>
internal sealed record Access(string? Key, IReadOnlyList<string> Scopes)
{
    public string Object => "access";
}
