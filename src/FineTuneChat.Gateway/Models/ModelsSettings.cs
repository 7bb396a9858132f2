using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Models.Hub;

namespace FineTuneChat.Gateway.Models;

/// <summary>Section <c>Models</c>: which files are served, and where others come from.</summary>
internal sealed class ModelsSettings
{
    public const string Section = "Models";

    /// <summary>Folder of the GGUF files; relative to <see cref="UserRoot"/>.</summary>
    [Required]
    public string Folder { get; init; } = "models";

    /// <summary>Further folders whose models are served where they are, such as LM Studio's.</summary>
    public string[] OtherFolders { get; init; } = [];

    /// <summary>The model that the assistant starts from: a name in the folder, or a path.</summary>
    [Required]
    public string Base { get; init; } = "starter";

    /// <summary>Where models are searched for and fetched from: Hugging Face, or a mirror with its API.</summary>
    [Required]
    public string HubUrl { get; init; } = "https://huggingface.co";

    /// <summary>The hub's access token, for models that ask for one; empty: that of the environment variable HF_TOKEN.</summary>
    public string HubToken { get; init; } = "";

    /// <summary>Connections of one download.</summary>
    [Range(1, 32)]
    public int HubConnections { get; init; } = 4;

    public HubConnection Connect(TimeProvider time) => new(HubUrl, HubToken, time);

    public ModelCatalog Catalog() => Catalog(ContentRoot.Find(), UserRoot.Find());

    /// <param name="contentRoot">Where the models lie that came with the program.</param>
    /// <param name="userRoot">Where relative paths start.</param>
    public ModelCatalog Catalog(string contentRoot, string userRoot)
    {
        string[] shipped = contentRoot == userRoot ? [] : [Path.Combine(contentRoot, "models")];
        return new(FullPath(Folder), [.. OtherFolders.Concat(shipped).Select(FullPath)]);

        string FullPath(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(userRoot, folder)));
    }
}
