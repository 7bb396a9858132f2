using System.CommandLine;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Cli;

/// <summary>The database of a data folder for a verb. A gateway may be running on it: both databases let both read and write.</summary>
internal static class DataAccess
{
    public static Option<DirectoryInfo?> Option() => new("--data") { Description = "Folder of the conversations, runs and versions (default data/)" };

    /// <param name="given">The folder; null: the default one.</param>
    /// <param name="isMade">Whether a folder that is not there is made: a key may come before the first start.</param>
    /// <exception cref="UserException">There is no data, or a running gateway of another version uses it.</exception>
    public static Database Open(DirectoryInfo? given, bool isMade = false)
    {
        StorageSettings settings = Settings.Read<StorageSettings>(SettingsFiles.Load(), StorageSettings.Section);
        if (settings.Provider == StorageProvider.Postgres)
            return new PostgresDatabase(settings.ConnectionString);
        string folder = given?.FullName ?? settings.FullPath();
        string file = Path.Combine(folder, DataFolder.DatabaseName);
        bool exists = File.Exists(file);
        if (!exists && !isMade)
            throw new UserException($"There is no FineTuneChat data in {folder}. Start the server once, or choose another folder with --data DIR.");
        try
        {
            if (exists && SqliteSchema.VersionOf(file) == SqliteSchema.Newest)
                return new SqliteDatabase(file);
            using (new DataFolder(folder)) // alone: a running gateway knows the older schema only
                return new SqliteDatabase(file);
        }
        catch (SqliteException e) // of the look at its version; a database that is opened says it itself
        {
            throw new UserException(SqliteFailure.Of(e, file)?.Message ?? $"{file} cannot be read: {e.Message}", e);
        }
    }
}
