using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Storage;

/// <summary>Refuses what would store something while there is no room. Reading, deleting, cancelling, changing versions go on.</summary>
internal static class StorageGuard
{
    /// <summary>Says of a route that it stores something.</summary>
    public static TBuilder Stores<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route
        .WithMetadata(StoresRule.Instance).Refuses(StatusCodes.Status507InsufficientStorage);

    public static IApplicationBuilder UseStorageGuard(this IApplicationBuilder app, StorageRoom room) => app.Use((http, next) =>
    {
        Require(http, room);
        return next(http);
    });

    /// <exception cref="Protocol.OpenAi.OpenAiException">507: the request would store something, and there is no room.</exception>
    public static void Require(HttpContext http, StorageRoom room)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<StoresRule>() is not null)
            room.Require();
    }

    private sealed class StoresRule
    {
        public static readonly StoresRule Instance = new();
    }
}
