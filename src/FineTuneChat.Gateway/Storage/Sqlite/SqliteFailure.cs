using FineTuneChat.Protocol.OpenAi;
using Microsoft.Data.Sqlite;

namespace FineTuneChat.Gateway.Storage.Sqlite;

/// <summary>Failures of the database that a person must mend, by SQLite's result codes: what is wrong, with which file, and what to do.</summary>
internal static class SqliteFailure
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>Null for an error that is this program's own: a constraint, wrong SQL.</summary>
    /// <param name="e">What SQLite says.</param>
    /// <param name="file">The database.</param>
    public static OpenAiException? Of(SqliteException e, string file)
    {
        (int status, string code, string message) = e.SqliteErrorCode switch
        {
            Full => (StatusCodes.Status507InsufficientStorage, "storage_full",
                $"The disk of {file} is full; nothing of this was stored. Remove versions, conversations or other files."),
            InputOutput => (StatusCodes.Status500InternalServerError, "storage_failed",
                $"The disk of {file} fails ({e.Message}); nothing of this was stored. Is it full, or broken?"),
            ReadOnly or CannotOpen => (StatusCodes.Status500InternalServerError, "storage_read_only",
                $"{file} cannot be written ({e.Message}). Make the file and its folder writable for the server's user."),
            Corrupt or NotADatabase => (StatusCodes.Status500InternalServerError, "storage_damaged",
                $"{file} is damaged ({e.Message}). Stop the server, move the file and those with -wal and -shm away, and put a backup in its place. "
                + "How much is damaged: finetunechat database check"),
            Busy or Locked => (StatusCodes.Status503ServiceUnavailable, "unavailable", $"Another program holds {file} ({e.Message}). Try again."),
            _ => default,
        };
        return code is null ? null : new(status, new() { Message = message, Type = "server_error", Code = code }, cause: e);
    }
}
