namespace FineTuneChat.Gateway.Access;

/// <summary>What a key may do. Each route says which of these it needs: <see cref="RouteRules"/>.</summary>
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

    public static bool Allow(IEnumerable<string> has, string needed) => needed == Any || has.Any(scope => scope == needed || scope == Admin);
}
