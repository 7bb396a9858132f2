namespace FineTuneChat.Gateway.Access;

/// <summary>
/// Headers on every response: the page may load and call this server only, runs no inline script but the one whose hash it names, and is framed by nobody.
/// </summary>
internal static class SecurityHeaders
{
    private static readonly string WithoutInlineScript = Policy("'self'");

    /// <summary>The content security policy of a document with one inline script; a handler sets it, all other responses allow none.</summary>
    /// <param name="hash">The script's: <c>sha256-…</c>.</param>
    public static string PolicyWithScript(string hash) => Policy($"'self' '{hash}'");

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        http.Response.OnStarting(static state => // also on errors, which clear what was set before
        {
            IHeaderDictionary headers = ((HttpResponse)state).Headers;
            if (headers.ContentSecurityPolicy.Count == 0)
                headers.ContentSecurityPolicy = WithoutInlineScript;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            return Task.CompletedTask;
        }, http.Response);
        return next(http);
    });

    private static string Policy(string scripts) => // trusted types: only the sanitiser makes HTML, and one worker keeps the page
        $"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        + "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify worker";
}
