using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using FineTuneChat.Gateway.Models.Hub;
using Microsoft.Win32.SafeHandles;

namespace FineTuneChat.Gateway.Models.Downloads;

/// <summary>
/// Fetches one file: by several connections into <c>NAME.partial</c>, with what has come written down beside it, so that it goes on after a kill. It gets
/// its name when all of it is there, on disk, and is what was announced.
/// </summary>
/// <param name="connection">To the hub.</param>
/// <param name="file">What is fetched.</param>
/// <param name="target">Its path when it is whole.</param>
/// <param name="name">What the user called it.</param>
/// <param name="received">Told of bytes as they come, those that were there already first.</param>
internal sealed class FileDownload(HubConnection connection, RemoteFile file, string target, string name, Action<long> received)
{
    private const int BufferBytes = 1 << 18;
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1), Silence = TimeSpan.FromSeconds(60);

    private readonly string _partial = target + DownloadState.Ending, _state = target + DownloadState.StateEnding;

    /// <summary>Bytes of it that an earlier attempt has left.</summary>
    public long BytesThere => Known()?.DoneBytes ?? 0;

    /// <returns>The file's SHA-256.</returns>
    /// <exception cref="HubException">It did not come, or something else than announced.</exception>
    public async Task<string> RunAsync(int connections, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string hash;
        using (SafeFileHandle disk = Open())
        {
            // 1. What an earlier attempt has left, if it is of the same file.
            DownloadState? known = RandomAccess.GetLength(disk) == file.Bytes ? Known() : null;
            var chunks = new ChunkMap(file.Bytes, known?.Done ?? []);
            RandomAccess.SetLength(disk, file.Bytes);
            received(known?.DoneBytes ?? 0);

            // 2. The rest, hashed as it comes; whatever ends the download, what has come is kept.
            try
            {
                hash = await FetchAsync(disk, chunks, file.HasRanges ? connections : 1, cancellation);
            }
            catch
            {
                TrySave(disk, chunks);
                throw;
            }
            Save(disk, chunks);
        }

        // 3. Only what is right gets the name of a model.
        if (file.Sha256 is not null && hash != file.Sha256)
        {
            Discard(target);
            throw new HubException(
                HubFault.Broken, $"{Path.GetFileName(target)} came with SHA-256 {hash}, but {file.Sha256} was announced: it was damaged on the way or changed. "
                + "It was removed; try again.");
        }
        return hash;
    }

    /// <summary>Gives a file that was fetched its name.</summary>
    public static void Publish(string target)
    {
        File.Move(target + DownloadState.Ending, target);
        File.Delete(target + DownloadState.StateEnding);
    }

    /// <summary>Removes what there is of a file that is not whole.</summary>
    public static void Discard(string target)
    {
        File.Delete(target + DownloadState.Ending);
        File.Delete(target + DownloadState.StateEnding);
    }

    private DownloadState? Known() =>
        File.Exists(_partial) && DownloadState.Read(_state) is { } state && state.IsOf(file, ChunkMap.BytesFor(file.Bytes)) ? state : null;

    private SafeFileHandle Open()
    {
        try
        {
            return File.OpenHandle(_partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        }
        catch (IOException e) when (File.Exists(_partial))
        {
            throw new HubException(HubFault.Conflict, $"{_partial} is in use: another FineTuneChat is fetching it. Wait for that one, or stop it.", e);
        }
    }

    private async Task<string> FetchAsync(SafeFileHandle disk, ChunkMap chunks, int connections, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        string hash = "";
        Task[] work =
        [
            Guarded(async () => hash = await HashAsync(disk, chunks, stop.Token)),
            .. Enumerable.Range(0, connections).Select(_ => Guarded(() => FetchRunsAsync(disk, chunks, connections, stop.Token))),
        ];
        Task saving = SaveRegularlyAsync(disk, chunks, stop.Token);
        await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stop.CancelAsync();
        await saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        if (work.FirstOrDefault(task => task.IsFaulted) is { } failed) // the others were only told to stop
            await failed;
        return hash;

        async Task Guarded(Func<Task> part)
        {
            try
            {
                await part();
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    private async Task FetchRunsAsync(SafeFileHandle disk, ChunkMap chunks, int connections, CancellationToken cancellation)
    {
        while (chunks.Claim(file.HasRanges ? 2 * connections : 1) is { } run)
            await FetchRunAsync(disk, chunks, run, cancellation);
    }

    /// <summary>Chunks in a row by one request, or as many as it takes: a connection that is cut is made again where it ended.</summary>
    private async Task FetchRunAsync(SafeFileHandle disk, ChunkMap chunks, (int First, int Last) run, CancellationToken cancellation)
    {
        (long position, long end) = chunks.Range(run.First, run.Last);
        int chunk = run.First;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int failures = 0; position < end;)
            {
                long before = position;
                TimeSpan? asked = null;
                HubException problem;
                try
                {
                    using HubAnswer answer = await connection.SendAsync(file.Address, file.HasRanges ? new RangeHeaderValue(position, end - 1) : null, cancellation);
                    if (answer.Response.IsSuccessStatusCode)
                    {
                        await CopyAsync(answer);
                        problem = new HubException(HubFault.Unreachable, $"The connection to {file.Address.Host} was cut.");
                    }
                    else
                    {
                        problem = await answer.ProblemAsync(Path.GetFileName(target), connection.HasToken, cancellation);
                        asked = answer.RetryAfter(connection.Time);
                        if (problem.Fault != HubFault.Unreachable)
                            throw problem;
                    }
                }
                catch (Exception e) when (e is not DiskException && HubConnection.IsLost(e, cancellation))
                {
                    problem = new HubException(HubFault.Unreachable, $"The connection to {file.Address.Host} was lost ({e.GetBaseException().Message.TrimEnd('.')}).", e);
                }
                if (position == end)
                    return;
                failures = position > before ? 1 : failures + 1;
                await Task.Delay(
                    connection.Backoff.After(failures, asked)
                        ?? throw new HubException(HubFault.Unreachable, $"{problem.Message} What has come is kept: the same order goes on from there.", problem),
                    connection.Time, cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        async Task CopyAsync(HubAnswer answer)
        {
            RequireSame(answer, position);
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await using Stream body = await answer.Response.Content.ReadAsStreamAsync(silence.Token);
            long skip = answer.Response.StatusCode == HttpStatusCode.PartialContent ? 0 : position; // a server that sends all, whatever is asked for
            while (position < end)
            {
                silence.CancelAfter(Silence);
                int read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(BufferBytes, skip > 0 ? skip : end - position)), silence.Token);
                if (read == 0)
                    return;
                if (skip > 0)
                {
                    skip -= read;
                    continue;
                }
                await WriteAsync(disk, buffer.AsMemory(0, read), position, cancellation);
                position += read;
                received(read);
                while (chunk <= run.Last && position >= chunks.Range(chunk, chunk).End)
                    chunks.Complete(chunk++);
            }
        }
    }

    private void RequireSame(HubAnswer answer, long position)
    {
        ContentRangeHeaderValue? range = answer.Response.Content.Headers.ContentRange;
        if (answer.Response.StatusCode == HttpStatusCode.PartialContent && range?.From != position)
            throw new HubException(HubFault.Broken, $"{file.Address.Host} sends another part of the file than was asked for.");
        if (file.HasChanged(answer))
            throw new HubException(HubFault.Broken, $"{Path.GetFileName(target)} has changed at {file.Address.Host} while it was fetched. Fetch it again.");
    }

    private async Task WriteAsync(SafeFileHandle disk, ReadOnlyMemory<byte> bytes, long position, CancellationToken cancellation)
    {
        try
        {
            await RandomAccess.WriteAsync(disk, bytes, position, cancellation);
        }
        catch (IOException e)
        {
            throw new DiskException($"{_partial} cannot be written: {e.Message} What has come is kept: the same order goes on from there.", e);
        }
    }

    /// <summary>Chunk after chunk, as they come: from the system's memory, seldom from the disk.</summary>
    private static async Task<string> HashAsync(SafeFileHandle disk, ChunkMap chunks, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int chunk = 0; chunk < chunks.Count; chunk++)
            {
                await chunks.DoneAsync(chunk, cancellation);
                (long position, long end) = chunks.Range(chunk, chunk);
                for (int read; position < end; position += read)
                {
                    read = await RandomAccess.ReadAsync(disk, buffer.AsMemory(0, (int)Math.Min(BufferBytes, end - position)), position, cancellation);
                    if (read == 0)
                        throw new DiskException("A file that is being fetched was cut by another program.", null);
                    hash.AppendData(buffer.AsSpan(0, read));
                }
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SaveRegularlyAsync(SafeFileHandle disk, ChunkMap chunks, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(SaveInterval, connection.Time);
        while (await timer.WaitForNextTickAsync(cancellation))
            Save(disk, chunks);
    }

    /// <summary>Where the disk fails, too, what went wrong first is told.</summary>
    private void TrySave(SafeFileHandle disk, ChunkMap chunks)
    {
        try
        {
            Save(disk, chunks);
        }
        catch (IOException)
        {
            // the state of a second ago counts
        }
    }

    /// <summary>Chunks are on disk before it is written that they are: a power cut leaves no holes.</summary>
    private void Save(SafeFileHandle disk, ChunkMap chunks)
    {
        IReadOnlyList<int[]> done = chunks.Runs();
        RandomAccess.FlushToDisk(disk);
        new DownloadState
        {
            Name = name,
            Address = file.Address.ToString(),
            Bytes = file.Bytes,
            Sha256 = file.Sha256,
            Etag = file.ETag,
            ChunkBytes = chunks.ChunkBytes,
            Done = done,
        }.Write(_state);
    }
}

/// <summary>The disk, not the network, is what fails.</summary>
internal sealed class DiskException(string message, Exception? inner) : IOException(message, inner);
