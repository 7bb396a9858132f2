using System.Net;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Access;

/// <summary>
/// Keeps other web sites out of a server that trusts whoever reaches it: names that DNS may rebind (Host), pages of other origins
/// (Origin, Sec-Fetch-Site), and forms (content type). Programs send none of these headers and are not affected.
/// </summary>
internal static class RequestGuard
{
    public static IApplicationBuilder UseRequestGuard(this IApplicationBuilder app, SecuritySettings settings)
    {
        RefusalLog refusals = app.ApplicationServices.GetRequiredService<RefusalLog>();
        return app.Use((http, next) =>
        {
            if (Refusal(http.Request, settings) is not { } refusal)
                return next(http);
            if (refusal.Status == StatusCodes.Status403Forbidden)
                refusals.Add(http, refusal.Message);
            throw refusal;
        });
    }

    /// <summary>Why the request is refused; null when it is not.</summary>
    internal static OpenAiException? Refusal(HttpRequest request, SecuritySettings settings)
    {
        if (!IsAllowedHost(request.Host.Host, settings.AllowedHosts))
            return Forbidden(
                $"The host name '{request.Host.Host}' is not known here. Use localhost or the IP address, or add the name to Security:AllowedHosts "
                + $"(appsettings.json, or FINETUNECHAT__Security__AllowedHosts__0={request.Host.Host} in the environment).",
                "host_not_allowed");

        string? origin = request.Headers.Origin;
        if (origin is not null && !IsSameOrigin(origin, request) && !settings.AllowsOrigin(origin))
            return Forbidden(
                $"Pages of '{origin}' may not call this server. If they should, add \"{Allowing(origin)}\" to Security:AllowedOrigins (appsettings.json, or "
                + $"FINETUNECHAT__Security__AllowedOrigins__0={Allowing(origin)} in the environment).", "origin_not_allowed");
        if (origin is null && IsForeignFetch(request))
            return Forbidden("A page of another site may not call this server.", "origin_not_allowed");

        if (HasBody(request) && !request.HasJsonContentType() && request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<FormRule>() is null)
            return OpenAiException.InvalidRequest(
                "Send the body as Content-Type: application/json.", code: "unsupported_media_type", status: StatusCodes.Status415UnsupportedMediaType);
        return null;
    }

    /// <summary>An address cannot be rebound; of the names only our own can be trusted.</summary>
    private static bool IsAllowedHost(string host, string[] allowed) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _)
        || allowed.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static bool IsSameOrigin(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
        && uri.Scheme.Equals(request.Scheme, StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out Uri? own)
        && uri.Authority.Equals(own.Authority, StringComparison.OrdinalIgnoreCase); // Uri drops default ports on both sides

    /// <summary>The setting that lets an origin in: windows of VS Code have each its own.</summary>
    private static string Allowing(string origin) => origin.StartsWith("vscode-webview://", StringComparison.OrdinalIgnoreCase) ? "vscode-webview://*" : origin;

    /// <summary>Browsers tell where a request comes from; following a link to the page itself is fine.</summary>
    private static bool IsForeignFetch(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
        && !(HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document");

    private static bool HasBody(HttpRequest request) =>
        request.ContentType is not null || request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;

    private static OpenAiException Forbidden(string message, string code) =>
        new(StatusCodes.Status403Forbidden, new() { Message = message, Type = "permission_error", Code = code });
}
