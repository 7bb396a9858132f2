namespace FineTuneChat.Protocol.Processes;

/// <summary>Headers of a request in which the gateway tells an engine for whom it asks.</summary>
internal static class EngineHeaders
{
    /// <summary>Whose prompts the request may share in the prefix cache: the id of the caller's key. Absent: one scope for all.</summary>
    public const string CacheScope = "X-Cache-Scope";

    /// <summary>
    /// What the reply is called, percent-encoded, and, unless <see cref="Adapter"/> comes with it, that the model alone is asked: the gateway knows by
    /// which names a model is asked. Absent: the body's <c>model</c> counts.
    /// </summary>
    public const string Model = "X-Model";

    /// <summary>The file of the adapter that is asked, as <see cref="AdapterChoice"/> writes it, percent-encoded. It is loaded where it is not.</summary>
    public const string Adapter = "X-Adapter";

    /// <summary>Between whom the engine shares out its places: the id of the caller's key, else the caller's address. Absent: one client for all.</summary>
    public const string Client = "X-Client";
}
