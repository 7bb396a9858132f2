using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Monitoring;

/// <summary><c>GET /api/log</c>: what the server has just done.</summary>
internal static class LogApi
{
    public static void MapLog(this IEndpointRouteBuilder routes) => routes.MapGet("/api/log", List)
        .WithTags("Server").WithSummary("What the server has just done, after line 'after'; no texts of users").RequireScope(Scopes.Admin);

    /// <param name="log">The lines.</param>
    /// <param name="after">The last line that the reader has.</param>
    private static JsonAnswer<ListPage<LogLine>> List(LiveLog log, long? after)
    {
        IReadOnlyList<LogLine> lines = log.After(after ?? 0);
        return ApiJson.Result(ListPage<LogLine>.Of(lines, lines.Count, line => $"{line.Id}"), MonitoringJson.Wire.ListPageLogLine);
    }
}
