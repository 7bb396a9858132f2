using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Protocol.Routes;

/// <summary>The words in which a route's clients expect errors, where they are not OpenAI's.</summary>
internal abstract class ErrorShape
{
    /// <summary>The body's type, for the OpenAPI document.</summary>
    public abstract Type Type { get; }

    /// <summary>The body of the error response.</summary>
    /// <param name="error">What went wrong.</param>
    public abstract byte[] Write(OpenAiException error);
}

/// <summary>An error's body of one type.</summary>
/// <param name="translate">Makes it.</param>
/// <param name="json">Writes it.</param>
internal sealed class ErrorShape<T>(Func<OpenAiException, T> translate, JsonTypeInfo<T> json) : ErrorShape
{
    public override Type Type => typeof(T);

    public override byte[] Write(OpenAiException error) => JsonSerializer.SerializeToUtf8Bytes(translate(error), json);
}

internal static class ErrorShapes
{
    /// <summary>Errors of this route, whoever finds them, leave in this shape.</summary>
    public static TBuilder WritesErrorsAs<TBuilder>(this TBuilder route, ErrorShape shape) where TBuilder : IEndpointConventionBuilder
    {
        route.WithMetadata(shape);
        route.Finally(endpoint =>
        {
            foreach ((int i, object item) in endpoint.Metadata.Index().ToArray())
                if (item is ProducesResponseTypeMetadata refusal && refusal.Type == typeof(OpenAiErrorBody))
                    endpoint.Metadata[i] = new ProducesResponseTypeMetadata(refusal.StatusCode, shape.Type, [.. refusal.ContentTypes]);
        });
        return route;
    }
}
