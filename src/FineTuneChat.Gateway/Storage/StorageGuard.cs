namespace FineTuneChat.Gateway.Storage;

/// <summary>Refuses what would store something while there is no room. Reading, deleting, cancelling, changing versions go on, and chats that are not kept.</summary>
internal static class StorageGuard
{
    private const string Completions = "/v1/chat/completions/";

    public static IApplicationBuilder UseStorageGuard(this IApplicationBuilder app, StorageRoom room) => app.Use((http, next) =>
    {
        if (Stores(http.Request.Method, http.Request.Path))
            room.Require();
        return next(http);
    });

    /// <summary>Chats themselves are not among them: whether one is kept stands in its body.</summary>
    internal static bool Stores(string method, PathString path)
    {
        if (!HttpMethods.IsPost(method) && !HttpMethods.IsPatch(method) && !HttpMethods.IsPut(method))
            return false;
        if (path.StartsWithSegments("/api/versions") || path.StartsWithSegments("/api/training/cancel"))
            return false;
        return path.StartsWithSegments("/api") || path.Value!.StartsWith(Completions, StringComparison.OrdinalIgnoreCase);
    }
}
