using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Storage;

/// <summary>Section <c>Storage</c>: where conversations, runs and versions are kept.</summary>
internal sealed class StorageSettings
{
    public const string Section = "Storage";

    /// <summary>Folder of the database, the runs and the versions; relative to the folder of <c>appsettings.json</c>.</summary>
    [Required]
    public string Folder { get; init; } = "data";
}
