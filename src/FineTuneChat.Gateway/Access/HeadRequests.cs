namespace FineTuneChat.Gateway.Access;

/// <summary>
/// HEAD, which uptime monitors send, is answered wherever GET is: by the same handler. Kestrel knows what was asked for, and sends no body. An event
/// stream has no end, so it has no HEAD either.
/// </summary>
internal static class HeadRequests
{
    /// <summary>Must stand before routing.</summary>
    public static IApplicationBuilder UseHeadRequests(this IApplicationBuilder app, params string[] endless) => app.Use((http, next) =>
    {
        if (HttpMethods.IsHead(http.Request.Method) && !endless.Any(path => http.Request.Path.Equals(path, StringComparison.OrdinalIgnoreCase)))
            http.Request.Method = HttpMethods.Get;
        return next(http);
    });
}
