using System.Reflection;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Protocol.Routes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FineTuneChat.Gateway.Documentation;

/// <summary>Tells the document which key a route needs, and what its events hold.</summary>
internal sealed class RouteDescriber : IOpenApiDocumentTransformer, IOpenApiOperationTransformer
{
    private const string Key = "key", Ok = "200";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new() { Title = "FineTuneChat", Version = typeof(RouteDescriber).Assembly.GetName().Version!.ToString(fieldCount: 3) };
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Key] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = $"An API key, where the server asks for one. Each route names the scope that it needs ({string.Join(", ", Scopes.All)}); "
                    + $"{Scopes.Admin} may do everything, a route that names none takes every key.",
            },
        };
        return Task.CompletedTask;
    }

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Security = metadata.OfType<ScopeRule>().Last().Scope switch
        {
            null => [],
            Scopes.Any => [new() { [new OpenApiSecuritySchemeReference(Key, context.Document)] = [] }],
            { } scope => [new() { [new OpenApiSecuritySchemeReference(Key, context.Document)] = [scope] }],
        };
        if (metadata.OfType<MethodInfo>().Any(handler => handler.GetParameters().Any(p => p.ParameterType == typeof(Assistant))))
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = Assistant.Parameter,
                In = ParameterLocation.Query,
                Description = "The assistant's id; none: the first one.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        if (metadata.OfType<EventRule>().LastOrDefault() is { } events)
        {
            string name = events.Type.Name;
            context.Document!.AddComponent(name, await context.GetOrCreateSchemaAsync(events.Type, parameterDescription: null, cancellationToken));
            operation.Responses![Ok].Content!["text/event-stream"] = new() { Schema = new OpenApiSchemaReference(name, context.Document) };
        }
    }
}
