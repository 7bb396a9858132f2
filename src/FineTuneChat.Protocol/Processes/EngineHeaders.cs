namespace FineTuneChat.Protocol.Processes;

/// <summary>Headers of a request in which the gateway tells an engine for whom it asks.</summary>
internal static class EngineHeaders
{
    /// <summary>Whose prompts the request may share in the prefix cache: the id of the caller's key. Absent: one scope for all.</summary>
    public const string CacheScope = "X-Cache-Scope";

    /// <summary>Between whom the engine shares out its places: the id of the caller's key, else the caller's address. Absent: one client for all.</summary>
    public const string Client = "X-Client";
}
