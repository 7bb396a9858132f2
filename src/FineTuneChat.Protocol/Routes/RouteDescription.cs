using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Protocol.Routes;

/// <summary>The JSON body that a route reads.</summary>
/// <param name="Type">Its shape.</param>
/// <param name="IsOptional">Whether the route also takes a request without a body.</param>
internal sealed record BodyRule(Type Type, bool IsOptional);

/// <summary>A form with a file that a route reads, where all others take JSON alone.</summary>
/// <param name="Type">Its fields.</param>
internal sealed record FormRule(Type Type);

/// <summary>The data of each event, where the client asks a route for a stream instead of one JSON answer.</summary>
internal sealed record EventRule(Type Type);

/// <summary>
/// What a route takes, answers and refuses, said where it is mapped: the OpenAPI document is made from it. None of it changes what the route does; what a
/// handler answers as <see cref="JsonAnswer{T}"/> need not be said again.
/// </summary>
internal static class RouteDescription
{
    private const string Json = "application/json";

    /// <summary>Reads a JSON body of this shape.</summary>
    public static TBuilder Takes<TBuilder>(this TBuilder route, Type body, bool isOptional = false) where TBuilder : IEndpointConventionBuilder => route
        .WithMetadata(new BodyRule(body, isOptional))
        .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

    /// <summary>Reads a form with these fields, one of them a file.</summary>
    public static TBuilder TakesForm<TBuilder>(this TBuilder route, Type fields) where TBuilder : IEndpointConventionBuilder => route
        .WithMetadata(new FormRule(fields))
        .Refuses(StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType);

    /// <summary>Answers with JSON of this shape.</summary>
    public static TBuilder Answers<TBuilder>(this TBuilder route, Type answer) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, answer, [Json]));

    /// <summary>Answers with text of another type than JSON.</summary>
    public static TBuilder AnswersText<TBuilder>(this TBuilder route, string contentType) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [contentType]));

    /// <summary>Answers with server-sent events of this shape instead, where the request asks for a stream.</summary>
    public static TBuilder Streams<TBuilder>(this TBuilder route, Type data) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new EventRule(data));

    /// <summary>May answer with an error of one of these statuses.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder route, params int[] statuses) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata([.. statuses.Select(status => new ProducesResponseTypeMetadata(status, typeof(OpenAiErrorBody), [Json]))]);
}
