using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Storage.Search;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using Npgsql;

namespace FineTuneChat.Gateway.Storage.Postgres;

/// <summary>
/// A PostgreSQL database. Writes are one after the other as on SQLite, over all processes that write to it (an advisory lock that each transaction takes
/// first): the stores read and then write, and may rely on nobody else writing in between. One gateway serves a database; verbs may work beside it.
/// </summary>
internal sealed class PostgresDatabase : Database
{
    private const int MostConnections = 20; // of 100 that a server has for all, unless the connection string says otherwise
    private const long WriterLock = 0x46544331; // "FTC1"; held by whoever writes, until the end of the transaction

    private readonly NpgsqlDataSource _source;
    private readonly bool _isServer;
    private NpgsqlConnection? _writer;

    /// <param name="connectionString">Npgsql's: <c>Host=…;Database=…;Username=…;Password=…</c>.</param>
    /// <param name="isServer">Whether it is opened by a gateway, which no second one may be beside.</param>
    /// <exception cref="UserException">It cannot be opened, another gateway uses it, or it was written by a newer program.</exception>
    public PostgresDatabase(string connectionString, bool isServer = false)
    {
        _isServer = isServer;
        (_source, Name) = Parse(connectionString);
        try
        {
            IsNew = PostgresSchema.Apply(Writer(), Name);
        }
        catch (Exception e) when (e is NpgsqlException or OpenAiException)
        {
            _source.Dispose();
            throw new UserException($"{(e as NpgsqlException is { } failed ? PostgresFailure.Of(failed, Name)?.Message : null)
                ?? (e is NpgsqlException ? $"{Name} cannot be opened: {e.Message}" : e.Message)} (Storage:ConnectionString)", e);
        }
        catch
        {
            _source.Dispose();
            throw;
        }
    }

    /// <summary>Whether there was nothing in it.</summary>
    public bool IsNew { get; }

    public override string Name { get; }

    public override WordSearch Words => PostgresWordSearch.Instance;

    public override long Size() => Read(c => c.ExecuteScalar<long>("SELECT pg_database_size(current_database())"));

    public override IReadOnlyList<string> SearchedTables => Read(PostgresSchema.Tables);

    /// <summary>In PostgreSQL's binary form of COPY, which has texts as they are.</summary>
    public override Stream OpenTable(string table) => OrFailure(() =>
    {
        NpgsqlConnection connection = _source.OpenConnection();
        return new TableStream(connection.BeginRawBinaryCopy($"COPY {table} TO STDOUT (FORMAT BINARY)"), connection);
    });

    /// <summary>A pooled connection may have died with the server since it was last used: what only reads is tried once more.</summary>
    public override T Read<T>(Func<DbConnection, T> query) => OrFailure(() =>
    {
        try
        {
            return Once();
        }
        catch (NpgsqlException e) when (PostgresFailure.IsOfConnection(e))
        {
            _source.Clear();
            return Once();
        }

        T Once()
        {
            using NpgsqlConnection connection = _source.OpenConnection();
            return query(connection);
        }
    });

    /// <summary>Deleted rows are dead until PostgreSQL takes them away: that is asked for at once. Its own logs and backups are its operator's.</summary>
    public override Task EraseDeletedAsync() => EnqueueAsync(() => Writer().Execute($"VACUUM {string.Join(", ", PostgresSchema.Tables(Writer()))}"));

    public override Task<IReadOnlyList<string>> CheckAsync() => Task.Run<IReadOnlyList<string>>(() =>
    {
        var problems = new List<string>();
        foreach (string table in SearchedTables)
            try
            {
                using Stream rows = OpenTable(table);
                rows.CopyTo(Stream.Null); // a damaged page says so when it is read
            }
            catch (Exception e) when (e is NpgsqlException or OpenAiException)
            {
                problems.Add($"{table}: {e.Message}");
            }
        problems.AddRange(Read(c => c.Query<string>(
            """
            SELECT 'the index ' || c.relname || ' is not valid' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
            """)));
        return problems;
    });

    protected override T InTransaction<T>(Func<DbConnection, T> work)
    {
        NpgsqlTransaction transaction = Begin();
        using (transaction) // rolls back what is not committed; a connection that is lost has done so
        {
            T result = work(_writer!);
            transaction.Commit();
            return result;
        }
    }

    protected override T OrFailure<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (NpgsqlException e) when (PostgresFailure.Of(e, Name) is { } failure)
        {
            throw failure;
        }
    }

    protected override async ValueTask CloseAsync()
    {
        if (_writer is not null)
            await _writer.DisposeAsync();
        await _source.DisposeAsync();
    }

    /// <summary>Begins a transaction as the only one that writes. Before it nothing has been written, so a lost connection is taken up anew.</summary>
    private NpgsqlTransaction Begin()
    {
        try
        {
            return Once();
        }
        catch (NpgsqlException e) when (PostgresFailure.IsOfConnection(e))
        {
            _writer?.Dispose();
            _writer = null;
            return Once();
        }

        NpgsqlTransaction Once()
        {
            NpgsqlConnection writer = Writer();
            NpgsqlTransaction transaction = writer.BeginTransaction();
            try
            {
                writer.Execute("SELECT pg_advisory_xact_lock(@WriterLock)", new { WriterLock });
                return transaction;
            }
            catch
            {
                transaction.Dispose();
                throw;
            }
        }
    }

    /// <summary>The writer's connection; after a loss a new one, which must be the only gateway's again.</summary>
    private NpgsqlConnection Writer()
    {
        if (_writer is { FullState: System.Data.ConnectionState.Open })
            return _writer;
        _writer?.Dispose();
        NpgsqlConnection writer = _source.OpenConnection();
        try
        {
            if (_isServer && !writer.ExecuteScalar<bool>("SELECT pg_try_advisory_lock(@GatewayLock)", new { PostgresSchema.GatewayLock }))
                throw new OpenAiException(StatusCodes.Status503ServiceUnavailable, new()
                {
                    Message = $"Another gateway uses the {Name}. Stop it, or give this one a database of its own.",
                    Type = "server_error",
                    Code = "unavailable",
                });
        }
        catch
        {
            writer.Dispose();
            throw;
        }
        return _writer = writer;
    }

    private static (NpgsqlDataSource Source, string Name) Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new UserException(
                "Storage:Provider is 'postgres', but Storage:ConnectionString is empty. "
                + "Give it, for example Host=localhost;Database=finetunechat;Username=me.");
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(text) { PersistSecurityInfo = false };
            builder.ApplicationName ??= "finetunechat";
            if (!builder.ContainsKey("Maximum Pool Size"))
                builder.MaxPoolSize = MostConnections;
            string name = $"PostgreSQL database '{builder.Database ?? builder.Username}' at {builder.Host}:{builder.Port}";
            return (NpgsqlDataSource.Create(builder), name); // says what of it cannot be, a missing host, too
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
        {
            throw new UserException($"Storage:ConnectionString cannot be read: {e.Message}", e);
        }
    }
}
