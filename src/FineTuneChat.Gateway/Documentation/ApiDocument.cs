using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Protocol.Routes;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FineTuneChat.Gateway.Documentation;

/// <summary>
/// <c>GET /openapi.json</c>: the OpenAPI document of all routes, made from what they say of themselves where they are mapped. Everybody may read it, as
/// docs/api.md: it holds nothing of anybody, and generators of clients ask for it without a key. So it is made once, not for each request.
/// </summary>
internal static class ApiDocument
{
    private const string Name = "api";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services
        .AddSingleton<IApiDescriptionProvider, BodyDescriber>()
        .ConfigureHttpJsonOptions(static http => // for names and types in the document alone: routes write with their features' own contexts
        {
            http.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            http.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        })
        .AddOpenApi(Name, static document =>
        {
            document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            document.CreateSchemaReferenceId = static type => IsInlined(type.Type) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            document.AddSchemaTransformer<SchemaDescriber>();
            document.AddOperationTransformer<RouteDescriber>();
            document.AddDocumentTransformer<RouteDescriber>();
        });

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        var json = new Lazy<Task<byte[]>>(() => WriteAsync(routes.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name)));
        routes.MapGet("/openapi.json", async () => Results.Bytes(await json.Value, "application/json"))
            .WithTags("Server").WithSummary("This document: OpenAPI 3.1 of all routes").AllowEverybody().Answers(typeof(JsonObject));
    }

    private static async Task<byte[]> WriteAsync(IOpenApiDocumentProvider provider)
    {
        using var json = new MemoryStream();
        OpenApiDocument document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1, CancellationToken.None);
        return json.ToArray();
    }

    /// <summary>What stands for any JSON, or for what its converter makes of it, gets no name: each property says what it holds.</summary>
    private static bool IsInlined(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) == typeof(JsonElement)
        || type.IsAssignableTo(typeof(JsonNode))
        || type.IsDefined(typeof(JsonConverterAttribute), inherit: false);
}
