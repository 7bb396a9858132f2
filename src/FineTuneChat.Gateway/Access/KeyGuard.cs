using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Access;

/// <summary>Asks for an API key where the server can be reached from other machines. On this machine alone none is asked for, and any is taken.</summary>
internal static class KeyGuard
{
    private const string Bearer = "Bearer ", Alternative = "x-api-key";
    private static readonly object KeyItem = new();

    public static IApplicationBuilder UseKeyGuard(this IApplicationBuilder app, ApiKeyStore keys)
    {
        RefusalLog refusals = app.ApplicationServices.GetRequiredService<RefusalLog>();
        return app.Use((http, next) =>
        {
            if (Refusal(http, keys) is not { } refusal)
                return next(http);
            if (refusal.Status == StatusCodes.Status401Unauthorized)
            {
                refusals.Add(http, Describe(http.Request));
                http.Response.OnStarting(() =>
                {
                    http.Response.Headers.WWWAuthenticate = "Bearer";
                    return Task.CompletedTask;
                });
            }
            throw refusal;
        });
    }

    /// <summary>The key that let this request in; null where none was asked for.</summary>
    public static ApiKey? KeyOf(HttpContext http) => (ApiKey?)http.Items[KeyItem];

    /// <summary>Why the request is refused; null when it is not.</summary>
    internal static OpenAiException? Refusal(HttpContext http, ApiKeyStore keys)
    {
        HttpRequest request = http.Request;
        if (RouteRules.ScopeOf(http) is not { } needed)
            return null;
        string[] given = [.. Given(request).Distinct(StringComparer.Ordinal)];
        if (given.Length > 1)
            return Unauthorized("Several different API keys were given; send one.");
        if (given.Length == 0)
            return Unauthorized("This server asks for an API key: send Authorization: Bearer KEY. Its owner makes one with: finetunechat keys create");
        if (keys.Find(given[0]) is not { } key)
            return Unauthorized("The API key is not valid here.");
        http.Items[KeyItem] = key;
        return Scopes.Allow(key.Scopes, needed) ? null : InsufficientScope(key, needed);
    }

    public static OpenAiException InsufficientScope(ApiKey key, string needed) => new(StatusCodes.Status403Forbidden, new()
    {
        Message = $"The API key '{key.Name}' may {string.Join(", ", key.Scopes)}; this needs {needed}.",
        Type = "permission_error",
        Code = "insufficient_scope",
    });

    /// <summary>For the log: which key it was, without its secret.</summary>
    private static string Describe(HttpRequest request) => Given(request).Distinct(StringComparer.Ordinal).ToArray() switch
    {
        [] => "no API key",
        [var key] when ApiKeyStore.IdOf(key) is { } id => $"a wrong or revoked API key with the id {id}",
        [_] => "a wrong API key",
        _ => "several API keys",
    };

    /// <summary>The keys that a request brings, in any of the headers that may hold one.</summary>
    private static IEnumerable<string> Given(HttpRequest request)
    {
        foreach (string? value in request.Headers.Authorization)
            yield return value is not null && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..].Trim() : "";
        foreach (string? value in request.Headers[Alternative])
            yield return value?.Trim() ?? "";
    }

    private static OpenAiException Unauthorized(string message) =>
        new(StatusCodes.Status401Unauthorized, new() { Message = message, Type = "invalid_request_error", Code = "invalid_api_key" });
}
