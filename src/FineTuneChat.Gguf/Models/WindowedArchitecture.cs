namespace FineTuneChat.Gguf.Models;

/// <summary>An architecture some of whose layers see only the last tokens: llama.cpp gives these layers a cache of the window's size.</summary>
/// <param name="Name"><c>general.architecture</c>.</param>
/// <param name="Window">Tokens, where the file does not say.</param>
/// <param name="Period">Every n-th layer sees all, where the file does not say.</param>
/// <param name="IsOptional">Whether a file without a window has none.</param>
internal sealed record WindowedArchitecture(string Name, int Window, int Period, bool IsOptional)
{
    private static readonly Dictionary<string, WindowedArchitecture> All = new WindowedArchitecture[]
    {
        new("gemma2", 4096, 2, IsOptional: false),
        new("gemma3", 0, 6, IsOptional: true),
        new("gpt-oss", 0, 2, IsOptional: false),
        new("cohere2", 0, 4, IsOptional: false),
        new("olmo2", 0, 4, IsOptional: true),
    }.ToDictionary(a => a.Name, StringComparer.Ordinal);

    /// <summary>Null: every layer's cache is counted in full, which is an upper bound for architectures that are not listed.</summary>
    public static WindowedArchitecture? Find(string name) => All.GetValueOrDefault(name);
}
