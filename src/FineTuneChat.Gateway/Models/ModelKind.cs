using FineTuneChat.Gguf;

namespace FineTuneChat.Gateway.Models;

/// <summary>GGUF files that are no models, by what they say of themselves.</summary>
internal static class ModelKind
{
    /// <summary>What it is; null: a model.</summary>
    public static string? Of(GgufMetadata general) => (general.Text("general.type"), general.Text("general.architecture")) switch
    {
        ("adapter", _) => "a LoRA adapter",
        ("mmproj", _) or (_, "clip") => "a vision projector",
        ("imatrix", _) or (_, "imatrix") => "an importance matrix",
        _ => null,
    };
}
