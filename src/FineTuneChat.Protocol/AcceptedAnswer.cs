using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;

namespace FineTuneChat.Protocol;

/// <summary>A value as the whole answer, with status 202: the work has begun and goes on. Otherwise as <see cref="JsonAnswer{T}"/>.</summary>
internal sealed class AcceptedAnswer<T>(T value, JsonTypeInfo<T> type) : IResult, IEndpointMetadataProvider
{
    public Task ExecuteAsync(HttpContext httpContext) => Results.Json(value, type, statusCode: StatusCodes.Status202Accepted).ExecuteAsync(httpContext);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(T), ["application/json"]));
}
