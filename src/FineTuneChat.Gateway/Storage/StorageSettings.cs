using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gateway.Installation;

namespace FineTuneChat.Gateway.Storage;

/// <summary>Section <c>Storage</c>: where conversations, runs and versions are kept.</summary>
internal sealed class StorageSettings
{
    public const string Section = "Storage";

    /// <summary>Folder of the database, the runs and the versions; relative to <see cref="UserRoot"/>.</summary>
    [Required]
    public string Folder { get; init; } = "data";

    /// <summary>What keeps the database: <c>sqlite</c>, a file in the folder, or <c>postgres</c>.</summary>
    [AllowedValues(StorageProvider.Sqlite, StorageProvider.Postgres)]
    public string Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>Of PostgreSQL, as Npgsql reads it: <c>Host=…;Database=…;Username=…;Password=…</c>.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>Versions whose files are kept; older ones go, but never the one in service and the one before it.</summary>
    [Range(2, 100_000)]
    public int MaxVersions { get; init; } = 20;

    /// <summary>Gigabytes that the files of all versions may take together, with the same two always kept.</summary>
    [Range(0.001, 1_000_000)]
    public double MaxVersionGigabytes { get; init; } = 100;

    /// <summary>Folders of ended runs (datasets, adapter, log) that are kept beside those of kept versions.</summary>
    [Range(0, 100_000)]
    public int MaxRuns { get; init; } = 20;

    /// <summary>Megabytes that one uploaded file may have.</summary>
    [Range(1, 100_000)]
    public int MaxFileMegabytes { get; init; } = 512;

    /// <summary>Gigabytes from which on the database takes nothing more; 0 = as many as the disk has.</summary>
    [Range(0.0, 1_000_000)]
    public double MaxDatabaseGigabytes { get; init; }

    /// <summary>Gigabytes of the disk that stay free: with less nothing new is stored, no run is started.</summary>
    [Range(0.0, 1_000_000)]
    public double MinFreeGigabytes { get; init; } = 0.1;

    public string FullPath() => Path.GetFullPath(Path.Combine(UserRoot.Find(), Folder));
}
