namespace FineTuneChat.Gateway.Access;

/// <summary>What a key may do, and what each route needs: pure.</summary>
internal static class Scopes
{
    /// <summary>Ask models; keep one's own conversations and presets.</summary>
    public const string Chat = "chat";

    /// <summary>Rate the replies that one got.</summary>
    public const string Rate = "rate";

    /// <summary>Look at dataset, runs and versions (and so at what anybody has accepted), change the dataset, start and cancel runs.</summary>
    public const string Train = "train";

    /// <summary>Everything: read, rate and delete what others wrote, change versions and keys, and all of the above.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Chat, Rate, Train, Admin];

    /// <summary>What every key may do.</summary>
    public const string Any = "any";

    private const string Completions = "/v1/chat/completions/";
    private static readonly string[] Models = ["/tokenize", "/detokenize", "/apply-template", "/props"];

    /// <summary>The scope that a request needs; null for the page's own files and the health check, which tell nothing of anybody. What is not listed needs admin.</summary>
    public static string? Needed(string method, PathString path)
    {
        if (Array.Exists(Models, route => path.StartsWithSegments(route)))
            return Chat;
        bool isFile = !path.StartsWithSegments("/v1") && !path.StartsWithSegments("/api") && !path.StartsWithSegments("/metrics");
        if (isFile && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)))
            return null;
        if (path.StartsWithSegments("/api/access") || path.StartsWithSegments("/api/events"))
            return Any;
        if (path.StartsWithSegments("/api/feedback") || path == "/api/preferences" || (HttpMethods.IsPost(method) && path.Value!.StartsWith(Completions, StringComparison.OrdinalIgnoreCase)))
            return Rate;
        if (path.StartsWithSegments("/api/training") || path.StartsWithSegments("/api/dataset") || path.StartsWithSegments("/api/preferences") || (path.StartsWithSegments("/api/versions") && HttpMethods.IsGet(method)))
            return Train;
        if (path.StartsWithSegments("/api/conversations") || path.StartsWithSegments("/api/presets") || path.StartsWithSegments("/v1/chat") || path.StartsWithSegments("/v1/models"))
            return Chat;
        if (path.StartsWithSegments("/v1") && HttpMethods.IsPost(method))
            return Chat;
        return Admin;
    }

    public static bool Allow(IEnumerable<string> has, string needed) => needed == Any || has.Any(scope => scope == needed || scope == Admin);
}
