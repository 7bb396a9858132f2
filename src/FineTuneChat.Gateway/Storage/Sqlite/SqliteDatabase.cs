using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Storage.Search;
using FineTuneChat.Protocol;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace FineTuneChat.Gateway.Storage.Sqlite;

/// <summary>A SQLite file in the data folder: in WAL, with synchronous=FULL, and what is deleted is overwritten.</summary>
internal sealed class SqliteDatabase : Database
{
    private const int PagesPerStep = 64;

    private readonly string _file, _connectionString;
    private readonly SqliteConnection _writer;
    private readonly Lazy<SafeFileHandle> _bytes;

    /// <param name="file">Made, for its owner alone, when it is not there.</param>
    /// <exception cref="UserException">It cannot be opened, is damaged, or was written by a newer program.</exception>
    public SqliteDatabase(string file)
    {
        _file = file;
        _bytes = new(() => File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true }.ToString();
        _writer = new SqliteConnection(_connectionString);
        try
        {
            if (!File.Exists(file)) // of one that is open, closing it here would end SQLite's locks
                PrivateFile.Open(file, FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose(); // SQLite gives its other files the same rights
            _writer.Open();
            _writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"); // what is deleted is overwritten
            SqliteSchema.Apply(_writer);
            _writer.ExecuteScalar<int>("SELECT COUNT(*) FROM sqlite_master"); // reads all of the schema: a damaged one is noticed here
        }
        catch (Exception e)
        {
            _writer.Dispose();
            SqliteConnection.ClearPool(_writer);
            throw e switch
            {
                SqliteException failed => new UserException(SqliteFailure.Of(failed, file)?.Message ?? $"{file} cannot be opened: {failed.Message}", failed),
                IOException or UnauthorizedAccessException => new UserException($"{file} cannot be opened: {e.Message}", e),
                _ => e,
            };
        }
    }

    public override string Name => _file;

    public override WordSearch Words => SqliteWordSearch.Instance;

    public override SafeFileHandle? FileBytes => _bytes.Value;

    /// <summary>With the write-ahead log.</summary>
    public override long Size() => ((FileInfo[])[new(_file), new($"{_file}-wal")]).Where(file => file.Exists).Sum(file => file.Length);

    public override T Read<T>(Func<DbConnection, T> query) => OrFailure(() =>
    {
        using var connection = new SqliteConnection(_connectionString); // pooled
        connection.Open();
        return query(connection);
    });

    /// <summary>
    /// The index of words keeps deleted ones until its parts are merged: step by step, so that other writes come in between. Then the write-ahead log is moved
    /// into the file, as far as readers let it, and emptied.
    /// </summary>
    public override async Task EraseDeletedAsync()
    {
        for (long changes = await WriteAsync(c => Merge(c, -PagesPerStep)); changes > 1;) // fewer: nothing was left to merge
            changes = await WriteAsync(c => Merge(c, PagesPerStep));
        await EnqueueAsync(() => _writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)")); // not in a transaction
    }

    public override Task<IReadOnlyList<string>> CheckAsync() => EnqueueAsync<IReadOnlyList<string>>(() => // not in a transaction: a damaged file ends it
    {
        var problems = new List<string>();
        try
        {
            problems.AddRange(_writer.Query<string>("PRAGMA integrity_check").Where(line => line != "ok"));
            problems.AddRange(_writer.Query<(string Table, long? Row, string Parent)>("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check")
                .Select(broken => $"{broken.Table}: row {broken.Row} names a row of {broken.Parent} that is not there"));
            _writer.Execute("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)"); // against the messages
            _writer.Execute("INSERT INTO chunk_search (chunk_search, rank) VALUES ('integrity-check', 1)");
        }
        catch (SqliteException e)
        {
            problems.Add(e.Message); // too damaged to be read on, or an index that says other than its table
        }
        return problems;
    });

    /// <summary>Copies the database as it is at this moment, while others write. The copy is whole or not there.</summary>
    public void BackUp(string file)
    {
        string unfinished = file + DataFolder.Unfinished;
        PrivateFile.Open(unfinished, FileMode.Create, FileShare.None).Dispose();
        Read(connection =>
        {
            using var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = unfinished, Pooling = false }.ToString());
            ((SqliteConnection)connection).BackupDatabase(copy);
            return true;
        });
        File.Move(unfinished, file);
    }

    protected override async ValueTask CloseAsync()
    {
        await _writer.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (_bytes.IsValueCreated)
            _bytes.Value.Dispose();
    }

    protected override T OrFailure<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (SqliteFailure.Of(e, _file) is { } failure)
        {
            throw failure;
        }
    }

    protected override T InTransaction<T>(Func<DbConnection, T> work)
    {
        // Plain SQL, not SqliteTransaction: that would have to be passed to every statement.
        _writer.Execute("BEGIN IMMEDIATE");
        try
        {
            T result = work(_writer);
            _writer.Execute("COMMIT");
            return result;
        }
        catch
        {
            // A failed COMMIT (disk full) may have ended the transaction already.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_writer.Handle) == 0)
                _writer.Execute("ROLLBACK");
            throw;
        }
    }

    private static long Merge(DbConnection connection, int pages)
    {
        long before = connection.ExecuteScalar<long>("SELECT total_changes()");
        connection.Execute("INSERT INTO message_search (message_search, rank) VALUES ('merge', @pages)", new { pages });
        return connection.ExecuteScalar<long>("SELECT total_changes()") - before;
    }
}
