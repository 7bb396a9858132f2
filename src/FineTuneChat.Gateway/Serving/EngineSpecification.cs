using FineTuneChat.Gateway.Models;

namespace FineTuneChat.Gateway.Serving;

/// <summary>What an engine serves.</summary>
/// <param name="Alias">The model's name in replies: <c>assistant@3</c>, or a local model's name.</param>
/// <param name="ModelPath">Its GGUF file.</param>
/// <param name="AdapterPath">A LoRA beside it, where the version is not merged.</param>
/// <param name="Version">Null for another local model.</param>
/// <param name="Assistant">Whose version it is; null as well.</param>
/// <param name="Options">How it is loaded, where that is not as the settings say.</param>
internal sealed record EngineSpecification(
    string Alias, string ModelPath, string? AdapterPath, int? Version, string? Assistant = null, LoadOptions? Options = null);
