using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace FineTuneChat.Tests.Documents;

/// <summary><c>/openapi.json</c> against what the server does.</summary>
public sealed partial class OpenApiTests
{
    private static readonly string[] Bare = ["cancel", "activate", "pause", "resume", "load", "unload", "follow-up"]; // what is posted without a body

    [Fact]
    public async Task Its_reader_finds_no_fault_and_every_route_with_the_scope_that_is_asked_for()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();

        ReadResult read = OpenApiDocument.Parse(await gateway.Client.GetStringAsync("/openapi.json"), OpenApiConstants.Json);

        Assert.Empty(read.Diagnostic!.Errors);
        IEnumerable<string> described =
            from path in read.Document!.Paths
            from operation in path.Value.Operations!
            select $"{operation.Key} {path.Key}: {ScopeOf(operation.Value)}";
        IEnumerable<string> routed =
            from route in gateway.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            where route.RoutePattern.RawText!.Trim('/') != "mcp" // MCP describes itself
            from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
            let path = Constraint().Replace($"/{route.RoutePattern.RawText!.Trim('/')}", "{$1}")
            select $"{method} {path}: {route.Metadata.GetMetadata<ScopeRule>()!.Scope ?? "-"}";
        Assert.Equal(routed.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_route_says_what_it_does_takes_answers_and_refuses()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();

        foreach ((string path, JsonNode? operations) in (await gateway.GetJsonAsync("/openapi.json"))["paths"]!.AsObject())
        {
            foreach ((string method, JsonNode? operation) in operations!.AsObject())
            {
                Assert.False(string.IsNullOrWhiteSpace((string?)operation!["summary"]), $"{method} {path} has no summary.");
                Assert.True(
                    (operation["responses"]!["200"] ?? operation["responses"]!["202"])?["content"] is not null,
                    $"{method} {path} does not say what it answers.");
                Assert.True(
                    method is "get" or "delete" || operation["requestBody"] is not null || Bare.Contains(path[(path.LastIndexOf('/') + 1)..]),
                    $"{method} {path} does not say what it takes.");
                Assert.Equal(operation["security"]!.AsArray().Count > 0, operation["responses"]!["401"] is not null);
                foreach ((string status, JsonNode? refusal) in operation["responses"]!.AsObject().Where(r => r.Key is not ("200" or "202")))
                    Assert.EndsWith("ErrorBody", (string?)refusal!["content"]!["application/json"]!["schema"]!["$ref"], StringComparison.Ordinal);
            }
        }
    }

    private static string ScopeOf(OpenApiOperation operation) =>
        operation.Security is not { Count: > 0 } keys ? "-" : keys[0].Values.Single() is [string scope] ? scope : Scopes.Any;

    /// <summary>{number:int} and {**id} are for the router, not for readers.</summary>
    [GeneratedRegex(@"\{\**(\w+)(:\w+)?\}")]
    private static partial Regex Constraint();
}
