using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Storage;

/// <summary>The databases that <c>Storage:Provider</c> may name.</summary>
internal static class StorageProvider
{
    public const string Sqlite = "sqlite", Postgres = "postgres";

    /// <summary>The database of a gateway, made when it is not there.</summary>
    /// <exception cref="UserException">It cannot be opened, or is empty beside files of versions or runs.</exception>
    public static Database Open(StorageSettings settings, DataFolder folder)
    {
        if (settings.Provider == Sqlite)
            return new SqliteDatabase(folder.Database);
        var database = new PostgresDatabase(settings.ConnectionString, isServer: true);
        if (!database.IsNew || folder.Orphans() is not { Length: > 0 } orphans)
            return database;
        database.DisposeAsync().AsTask().GetAwaiter().GetResult();
        throw new UserException(
            $"The {database.Name} is empty, but there is still {string.Join(" and ", orphans)}. To take over what is in {folder.Database}: "
            + "finetunechat database migrate --to postgres. To begin anew, move all of these away or choose another folder with --data DIR.");
    }
}
