using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FineTuneChat.Protocol.Routes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FineTuneChat.Gateway.Documentation;

/// <summary>Tells the document what types say and ASP.NET Core does not read: allowed values, what is always there, what a JsonElement holds.</summary>
internal sealed class SchemaDescriber : IOpenApiSchemaTransformer
{
    public async Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        JsonPropertyInfo? property = context.JsonPropertyInfo;
        bool isNullable = property?.IsGetNullable ?? false;

        if (Find<WireTypeAttribute>(property?.AttributeProvider) is { } wire)
        {
            (schema.Type, schema.Properties, schema.Required) = (null, null, null);
            schema.AnyOf = [];
            foreach (Type type in wire.Types)
                schema.AnyOf.Add(await context.GetOrCreateSchemaAsync(type, parameterDescription: null, cancellationToken));
            if (isNullable || wire.OrNull)
                schema.AnyOf.Add(new OpenApiSchema { Type = JsonSchemaType.Null });
            return;
        }
        if (Find<AllowedValuesAttribute>(property?.AttributeProvider) is { } allowed)
            schema.Enum = [.. allowed.Values.Concat(isNullable ? [null] : []).Select(Value)];
        if (property is { Set: null, IsGetNullable: false } || IsAbsentWhenNull(property)) // without a setter it counts as nullable
            schema.Type &= ~JsonSchemaType.Null;
        if (schema.Properties is { Count: > 0 } properties)
            schema.Required = context.JsonTypeInfo.Properties.Where(IsAlwaysThere).Select(p => p.Name).Where(properties.ContainsKey).ToHashSet();
    }

    private static bool IsAlwaysThere(JsonPropertyInfo property) =>
        // RequiredAttribute says: not empty, where it is given
        (!property.IsGetNullable || (property.IsRequired && Find<RequiredAttribute>(property.AttributeProvider) is null))
        && !IsAbsentWhenNull(property);

    private static bool IsAbsentWhenNull(JsonPropertyInfo? property) =>
        Find<JsonIgnoreAttribute>(property?.AttributeProvider)?.Condition is JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault;

    private static JsonNode Value(object? allowed) => allowed is null ? JsonNullSentinel.JsonNull : JsonValue.Create($"{allowed}");

    private static T? Find<T>(ICustomAttributeProvider? provider) where T : Attribute =>
        provider?.GetCustomAttributes(typeof(T), inherit: false).OfType<T>().FirstOrDefault();
}
