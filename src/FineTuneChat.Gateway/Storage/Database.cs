using System.Threading.Channels;
using Dapper;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace FineTuneChat.Gateway.Storage;

/// <summary>
/// The SQLite file: any number of readers, one writer. Writes queue up and run one after the other, each in its own transaction
/// that is on the disk (WAL, synchronous=FULL) when its task completes: what was acknowledged survives a power cut. Where the disk is full or the file
/// damaged, every read and write fails with an <see cref="OpenAiException"/> that says so (<see cref="StorageFailure"/>).
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    private readonly string _file, _connectionString;
    private readonly SqliteConnection _writer;
    private readonly Channel<Action> _queue = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly Task _writing;
    private readonly Lazy<SafeFileHandle> _bytes;

    static Database() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <param name="file">Made, for its owner alone, when it is not there.</param>
    /// <exception cref="UserException">It cannot be opened, is damaged, or was written by a newer program.</exception>
    public Database(string file)
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
            Migrations.Apply(_writer);
            _writer.ExecuteScalar<int>("SELECT COUNT(*) FROM sqlite_master"); // reads all of the schema: a damaged one is noticed here
        }
        catch (Exception e)
        {
            _writer.Dispose();
            SqliteConnection.ClearPool(_writer);
            throw e switch
            {
                SqliteException failed => new UserException(StorageFailure.Of(failed, file)?.Message ?? $"{file} cannot be opened: {failed.Message}", failed),
                IOException or UnauthorizedAccessException => new UserException($"{file} cannot be opened: {e.Message}", e),
                _ => e,
            };
        }
        _writing = Task.Run(RunQueueAsync);
    }

    /// <summary>Runs a query at once, beside whatever is being written.</summary>
    public T Read<T>(Func<SqliteConnection, T> query) => OrFailure(() =>
    {
        using var connection = new SqliteConnection(_connectionString); // pooled
        connection.Open();
        return query(connection);
    });

    /// <summary>Runs <paramref name="work"/> in a transaction of its own, after all writes that were asked for before.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work) => EnqueueAsync(() => InTransaction(work));

    public Task WriteAsync(Action<SqliteConnection> work) => WriteAsync(connection =>
    {
        work(connection);
        return true;
    });

    /// <summary>Moves the write-ahead log into the file, as far as readers let it, and empties it: deleted text is in neither any more.</summary>
    public Task EmptyLogAsync() => EnqueueAsync(() => _writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)")); // not in a transaction

    /// <summary>The file's bytes, to be looked through; not to be closed: closing any handle of it would end SQLite's locks.</summary>
    public SafeFileHandle Bytes => _bytes.Value;

    /// <summary>Notes a copy that was made.</summary>
    public Task NoteBackupAsync(string file, DateTimeOffset now) => WriteAsync(c => c.Execute(
        "INSERT OR REPLACE INTO backups (path, created_at) VALUES (@file, @now)", new { file = Path.GetFullPath(file), now = now.ToUnixTimeMilliseconds() }));

    /// <summary>The copies that were made and are still there.</summary>
    public IReadOnlyList<string> Backups() => Read(c => c.Query<string>("SELECT path FROM backups ORDER BY path").Where(File.Exists).ToArray());

    /// <summary>What is wrong with the file; empty when it is sound.</summary>
    public Task<IReadOnlyList<string>> CheckAsync() => EnqueueAsync<IReadOnlyList<string>>(() => // not in a transaction: a damaged file ends it
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
            connection.BackupDatabase(copy);
            return true;
        });
        File.Move(unfinished, file);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing; // writes in the queue are done first
        await _writer.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (_bytes.IsValueCreated)
            _bytes.Value.Dispose();
    }

    private Task<T> EnqueueAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool queued = _queue.Writer.TryWrite(() =>
        {
            try
            {
                done.SetResult(OrFailure(work));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        if (!queued)
            done.SetException(new ObjectDisposedException(nameof(Database)));
        return done.Task;
    }

    private T OrFailure<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (StorageFailure.Of(e, _file) is { } failure)
        {
            throw failure;
        }
    }

    private async Task RunQueueAsync()
    {
        await foreach (Action work in _queue.Reader.ReadAllAsync())
            work();
    }

    private T InTransaction<T>(Func<SqliteConnection, T> work)
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
}
