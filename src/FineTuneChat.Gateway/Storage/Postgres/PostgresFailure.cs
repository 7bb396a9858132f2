using FineTuneChat.Protocol.OpenAi;
using Npgsql;

namespace FineTuneChat.Gateway.Storage.Postgres;

/// <summary>Failures of PostgreSQL that a person must mend or a client must know, by SQLSTATE: what is wrong, where, and what to do.</summary>
internal static class PostgresFailure
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    /// <summary>Null for an error that is this program's own: a constraint, wrong SQL.</summary>
    /// <param name="e">What PostgreSQL, or the way to it, says.</param>
    /// <param name="name">The database.</param>
    public static OpenAiException? Of(NpgsqlException e, string name)
    {
        if (IsOfConnection(e))
            return Make(StatusCodes.Status503ServiceUnavailable, "unavailable",
                $"The {name} does not answer ({e.Message}). What was being written was stored whole or not at all. Try again.", e, _pause);
        return e.SqlState switch
        {
            PostgresErrorCodes.DiskFull => Make(StatusCodes.Status507InsufficientStorage, "storage_full",
                $"The disk of the {name} is full; nothing of this was stored. Remove versions, conversations or other files.", e),
            PostgresErrorCodes.IoError => Make(StatusCodes.Status500InternalServerError, "storage_failed",
                $"The disk of the {name} fails ({e.Message}); nothing of this was stored. Is it full, or broken?", e),
            PostgresErrorCodes.ReadOnlySqlTransaction => Make(StatusCodes.Status500InternalServerError, "storage_read_only",
                $"The {name} takes no writes ({e.Message}). Is it a standby? Name the primary in Storage:ConnectionString.", e),
            PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
                or PostgresErrorCodes.InvalidCatalogName => Make(StatusCodes.Status500InternalServerError, "storage_read_only",
                $"The {name} does not let this user in: {e.Message}.", e),
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => Make(StatusCodes.Status500InternalServerError, "storage_damaged",
                $"The {name} is damaged ({e.Message}). Put a backup in its place; how much is damaged says pg_amcheck.", e),
            PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter => OpenAiException.InvalidRequest(
                "A text of this has a NUL or another character that PostgreSQL's texts cannot hold; nothing of this was stored. Take it out."),
            _ => null,
        };
    }

    /// <summary>Whether the server is gone, starting, stopping or full of clients: what is asked again later may succeed.</summary>
    public static bool IsOfConnection(NpgsqlException e) =>
        e is not PostgresException ? e.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException || e.IsTransient
        : e.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.TooManyConnections
            || e.SqlState!.StartsWith("08", StringComparison.Ordinal);

    private static OpenAiException Make(int status, string code, string message, Exception cause, TimeSpan? retryAfter = null) =>
        new(status, new() { Message = message, Type = "server_error", Code = code }, retryAfter, cause);
}
