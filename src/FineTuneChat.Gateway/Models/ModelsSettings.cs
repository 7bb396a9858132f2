using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Models;

/// <summary>Section <c>Models</c>: which files are served.</summary>
internal sealed class ModelsSettings
{
    public const string Section = "Models";

    /// <summary>Folder of the GGUF files; relative to the folder of <c>appsettings.json</c>.</summary>
    [Required]
    public string Folder { get; init; } = "models";

    /// <summary>The model that the assistant starts from: a name in the folder, or a path.</summary>
    [Required]
    public string Base { get; init; } = "starter";
}
