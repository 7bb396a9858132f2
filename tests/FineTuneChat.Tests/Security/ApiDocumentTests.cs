using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Tests.Support;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Routing;

namespace FineTuneChat.Tests.Security;

/// <summary>docs/api.md against the gateway: every route is there, no other, each with the scope that the server asks for.</summary>
public sealed partial class ApiDocumentTests
{
    [Fact]
    public async Task Every_route_is_described_with_its_scope()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();

        IEnumerable<string> answered =
            from route in gateway.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
            let path = Constraint().Replace($"/{route.RoutePattern.RawText!.Trim('/')}", "{$1}")
            select $"{method} {path}: {route.Metadata.GetMetadata<ScopeRule>()!.Scope ?? "–"}";

        Assert.Equal(answered.Order(StringComparer.Ordinal), Described().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Described() =>
        from line in File.ReadLines(Path.Combine(Repository.Root, "docs", "api.md"))
        let cells = line.Split(" | ")
        where cells.Length >= 3
        from Match route in Route().Matches(cells[0])
        select $"{route.Groups[1].Value}: {cells[1]}";

    [GeneratedRegex("`([A-Z]+ /[^`]*)`")]
    private static partial Regex Route();

    /// <summary>{number:int} and {**id} are for the router, not for readers.</summary>
    [GeneratedRegex(@"\{\**(\w+)(:\w+)?\}")]
    private static partial Regex Constraint();
}
