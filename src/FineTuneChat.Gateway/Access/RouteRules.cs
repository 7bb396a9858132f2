using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Access;

/// <summary>Which scope a route needs; null: everybody may have it, with or without a key.</summary>
internal sealed record ScopeRule(string? Scope);

/// <summary>
/// What a route needs, said where it is mapped. <see cref="KeyGuard"/>, <see cref="RateGuard"/> and the OpenAPI document read it there; no list of paths
/// exists.
/// </summary>
internal static class RouteRules
{
    /// <summary>A key needs this scope, where keys are asked for.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder route, string scope) where TBuilder : IEndpointConventionBuilder => route
        .WithMetadata(new ScopeRule(scope)).Refuses(StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests);

    /// <summary>Needs no key: it tells nothing of anybody.</summary>
    public static TBuilder AllowEverybody<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ScopeRule(null));

    /// <summary>
    /// The scope that a request needs; null: none. A path without a route is a file of the page when it is read, and else unknown: for admins only. A known
    /// path with another method is answered with 405, which any key may learn.
    /// </summary>
    public static string? ScopeOf(HttpContext http)
    {
        if (http.GetEndpoint() is { } route)
            return route.Metadata.GetMetadata<ScopeRule>() is { } rule ? rule.Scope : Scopes.Any;
        bool isFile = !http.Request.Path.StartsWithSegments("/v1") && !http.Request.Path.StartsWithSegments("/api");
        return isFile && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) ? null : Scopes.Admin;
    }

    /// <summary>Call it when all routes are mapped.</summary>
    /// <exception cref="InvalidOperationException">A route does not say which scope it needs.</exception>
    public static void RequireRules(IEndpointRouteBuilder routes)
    {
        string[] open = [.. routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<ScopeRule>() is null).Select(route => route.DisplayName ?? route.RoutePattern.RawText!)];
        if (open.Length > 0)
            throw new InvalidOperationException($"These routes do not say which scope they need (RequireScope, AllowEverybody): {string.Join(", ", open)}.");
    }
}
