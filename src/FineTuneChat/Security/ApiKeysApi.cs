using FineTuneChat.Gateway;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Security;

/// <summary><c>/api/keys</c>: make, list, revoke.</summary>
internal static class ApiKeysApi
{
    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/keys");
        group.MapGet("", List);
        group.MapPost("", CreateAsync);
        group.MapDelete("{id}", RevokeAsync);
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
