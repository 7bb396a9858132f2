using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Storage.Sqlite;
using FineTuneChat.Protocol;

namespace FineTuneChat.Cli;

/// <summary><c>database</c>: is it sound, and a copy of it, while the server runs; a move to PostgreSQL and back.</summary>
internal static class DatabaseCommand
{
    public static Command Create() => new("database", "Checks the database, makes backups of it, moves it to another provider.")
    {
        Check(), Backup(), DatabaseMigration.Create(),
    };

    private static Command Check()
    {
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("check", "Reads all of the database and says what is wrong with it.") { data };
        command.SetAction(async (parsed, _) =>
        {
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            IReadOnlyList<string> problems = await database.CheckAsync();
            foreach (string problem in problems)
                await Console.Error.WriteLineAsync(problem);
            Console.WriteLine(JsonSerializer.Serialize(new { schema = SqliteSchema.Newest, problems = problems.Count }));
            return problems.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static Command Backup()
    {
        var target = new Argument<FileInfo>("file") { Description = "The file to write" };
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command(
            "backup", "Copies the database as it is at this moment; chat and training go on. Versions are files: copy the folder versions/ beside it.")
        {
            target, data,
        };
        command.SetAction(async (parsed, _) =>
        {
            FileInfo file = parsed.GetRequiredValue(target);
            if (file.Exists)
                throw new UserException($"{file.FullName} is there already. Choose another name.");
            await using Database database = DataAccess.Open(parsed.GetValue(data));
            if (database is not SqliteDatabase sqlite)
                throw new UserException($"The {database.Name} is backed up by PostgreSQL's own means: pg_dump, or pg_basebackup.");
            sqlite.BackUp(file.FullName);
            await database.NoteBackupAsync(file.FullName, TimeProvider.System.GetUtcNow()); // what is erased later is looked for there, too
            file.Refresh();
            Console.WriteLine(JsonSerializer.Serialize(new { @out = file.FullName, bytes = file.Length }));
        });
        return command;
    }
}
