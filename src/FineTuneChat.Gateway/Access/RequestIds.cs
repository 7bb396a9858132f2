using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Access;

/// <summary>Every answer names its request, by the client's own id where it sends one: logs of both sides can be held together.</summary>
internal static partial class RequestIds
{
    public const string Header = "X-Request-Id";

    public static IApplicationBuilder UseRequestIds(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        string? given = http.Request.Headers[Header];
        string id = given is not null && AllowedId().IsMatch(given) ? given : "req_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        http.Response.OnStarting(() => // also on errors, which clear what was set before
        {
            http.Response.Headers[Header] = id;
            return Task.CompletedTask;
        });
        return next(http);
    });

    [GeneratedRegex("^[A-Za-z0-9_.:-]{1,128}$")]
    private static partial Regex AllowedId();
}
