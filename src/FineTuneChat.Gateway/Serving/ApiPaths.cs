namespace FineTuneChat.Gateway.Serving;

/// <summary>Where OpenAI's routes stand.</summary>
internal static class ApiPaths
{
    /// <summary>Under <c>/v1</c>, and without it for clients that know them from llama-server so.</summary>
    public static IReadOnlyList<string> Prefixes { get; } = ["/v1", ""];
}
