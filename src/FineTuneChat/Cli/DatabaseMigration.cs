using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Postgres;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Gateway.Storage.Transfer;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;

namespace FineTuneChat.Cli;

/// <summary><c>database migrate</c>: all that is in SQLite into PostgreSQL, or back, compared row by row. What was copied stays where it was.</summary>
internal static class DatabaseMigration
{
    public static Command Create()
    {
        Option<string> to = new("--to") { Description = "Where to: postgres or sqlite", Required = true };
        to.AcceptOnlyFromAmong(StorageProvider.Postgres, StorageProvider.Sqlite);
        Option<string?> connection = new("--connection")
        {
            Description = "PostgreSQL's connection string (default the setting Storage:ConnectionString, where no list of processes shows a password)",
        };
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("migrate", "Copies the database to another provider and compares both row by row. The server must be stopped.")
        {
            to, connection, data,
        };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(to), parsed.GetValue(connection), parsed.GetValue(data)?.FullName));
        return command;
    }

    private static async Task RunAsync(string to, string? connection, string? given)
    {
        StorageSettings settings = Settings.Read<StorageSettings>(SettingsFiles.Load(), StorageSettings.Section);
        bool isToPostgres = to == StorageProvider.Postgres;
        using var folder = new DataFolder(given ?? settings.FullPath(), isDatabaseHere: isToPostgres); // alone
        if (isToPostgres && !File.Exists(folder.Database))
            throw new UserException($"There is no {folder.Database} to copy. Choose another folder with --data DIR.");
        await using var postgres = new PostgresDatabase(connection ?? settings.ConnectionString, isServer: true);
        await using var sqlite = new SqliteDatabase(folder.Database);

        (Database from, Database target) = isToPostgres ? ((Database)sqlite, (Database)postgres) : (postgres, sqlite);
        long rows = await new DatabaseCopy(from, target, table => Console.Error.WriteLine($"{table} …")).RunAsync();
        await Console.Error.WriteLineAsync(
            $"Copied and compared. Set Storage:Provider to '{to}' to use it; the {from.Name} stays as it was, with all its texts, until you delete it.");
        Console.WriteLine(JsonSerializer.Serialize(new { to, rows, database = target.Name }));
    }
}
