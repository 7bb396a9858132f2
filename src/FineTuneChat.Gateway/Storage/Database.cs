using System.Data.Common;
using System.Threading.Channels;
using Dapper;
using FineTuneChat.Gateway.Storage.Search;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.Win32.SafeHandles;

namespace FineTuneChat.Gateway.Storage;

/// <summary>
/// The database: any number of readers, one writer. Writes queue up and run one after the other, each in its own transaction that is on the disk when its
/// task completes: what was acknowledged survives a power cut. Where the disk is full, the file damaged, the server gone, every read and write fails with
/// an <see cref="OpenAiException"/> that says so. The stores' SQL is understood by SQLite and PostgreSQL alike; where they differ, it is said here.
/// </summary>
internal abstract class Database : IAsyncDisposable
{
    private readonly Channel<Action> _queue = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly Task _writing;

    static Database() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    protected Database() => _writing = Task.Run(RunQueueAsync);

    /// <summary>Where it is, for messages; no password is in it.</summary>
    public abstract string Name { get; }

    /// <summary>How words are searched for.</summary>
    public abstract WordSearch Words { get; }

    /// <summary>The database's file, to be looked through; null where there is none. Not to be closed: closing any handle would end SQLite's locks.</summary>
    public virtual SafeFileHandle? FileBytes => null;

    /// <summary>Tables to be looked through where there is no file.</summary>
    public virtual IReadOnlyList<string> SearchedTables => [];

    /// <summary>The bytes on the disk.</summary>
    public abstract long Size();

    /// <summary>All that a table holds, texts as they are.</summary>
    public virtual Stream OpenTable(string table) => throw new NotSupportedException($"{table} is in {Name}, which is read as a file.");

    /// <summary>Runs a query at once, beside whatever is being written.</summary>
    public abstract T Read<T>(Func<DbConnection, T> query);

    /// <summary>Runs <paramref name="work"/> in a transaction of its own, after all writes that were asked for before.</summary>
    public Task<T> WriteAsync<T>(Func<DbConnection, T> work) => EnqueueAsync(() => InTransaction(work));

    public Task WriteAsync(Action<DbConnection> work) => WriteAsync(connection =>
    {
        work(connection);
        return true;
    });

    /// <summary>Takes what was deleted out of the database's own files, as far as readers let it and the database can.</summary>
    public abstract Task EraseDeletedAsync();

    /// <summary>What is wrong with the database; empty when it is sound.</summary>
    public abstract Task<IReadOnlyList<string>> CheckAsync();

    /// <summary>Notes a copy that was made.</summary>
    public Task NoteBackupAsync(string file, DateTimeOffset now) => WriteAsync(c => c.Execute(
        "INSERT INTO backups (path, created_at) VALUES (@file, @now) ON CONFLICT (path) DO UPDATE SET created_at = @now",
        new { file = Path.GetFullPath(file), now = now.ToUnixTimeMilliseconds() }));

    /// <summary>The copies that were made and are still there.</summary>
    public IReadOnlyList<string> Backups() => Read(c => c.Query<string>("SELECT path FROM backups ORDER BY path").Where(File.Exists).ToArray());

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing; // writes in the queue are done first
        await CloseAsync();
    }

    protected abstract T InTransaction<T>(Func<DbConnection, T> work);

    /// <summary>Runs <paramref name="work"/>; a failure that a person must mend says what it is.</summary>
    protected abstract T OrFailure<T>(Func<T> work);

    protected abstract ValueTask CloseAsync();

    /// <summary>Runs <paramref name="work"/> on the writer's thread, in its turn.</summary>
    protected Task<T> EnqueueAsync<T>(Func<T> work)
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

    private async Task RunQueueAsync()
    {
        await foreach (Action work in _queue.Reader.ReadAllAsync())
            work();
    }
}
