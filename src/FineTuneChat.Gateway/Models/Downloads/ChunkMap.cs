namespace FineTuneChat.Gateway.Models.Downloads;

/// <summary>Which chunks of a file are on disk, and which are being fetched. Safe for several connections.</summary>
internal sealed class ChunkMap
{
    private const int MostInARun = 16; // chunks of one request
    private const int MostChunkBytes = 4 << 20, LeastChunkBytes = 64 << 10, ChunksOfSmallFiles = 256;

    private enum Chunk : byte
    {
        Missing,
        Claimed,
        Done,
    }

    private readonly Lock _gate = new();
    private readonly Chunk[] _chunks;
    private readonly SemaphoreSlim _changed = new(0);

    public ChunkMap(long bytes, IEnumerable<int[]> done)
    {
        Bytes = bytes;
        ChunkBytes = BytesFor(bytes);
        _chunks = new Chunk[(bytes + ChunkBytes - 1) / ChunkBytes];
        foreach (int[] run in done)
            for (int i = run[0]; i <= run[1] && i < _chunks.Length; i++)
                _chunks[i] = Chunk.Done;
    }

    public long Bytes { get; }
    public int ChunkBytes { get; }
    public int Count => _chunks.Length;

    public static int BytesFor(long file) => (int)Math.Clamp(file / ChunksOfSmallFiles / LeastChunkBytes * LeastChunkBytes, LeastChunkBytes, MostChunkBytes);

    public (long Start, long End) Range(int first, int last) => ((long)first * ChunkBytes, Math.Min(Bytes, (last + 1L) * ChunkBytes));

    /// <summary>The next missing chunks in a row, now the caller's to fetch; null when none is left.</summary>
    /// <param name="share">A connection takes at most this part of what is missing, so that others have something, too. 1 = all in a row.</param>
    public (int First, int Last)? Claim(int share)
    {
        lock (_gate)
        {
            int missing = _chunks.Count(c => c == Chunk.Missing);
            if (missing == 0)
                return null;
            int most = share == 1 ? missing : Math.Clamp(missing / share, 1, MostInARun);
            int first = Array.IndexOf(_chunks, Chunk.Missing), last = first;
            while (last + 1 < _chunks.Length && last - first + 1 < most && _chunks[last + 1] == Chunk.Missing)
                last++;
            Array.Fill(_chunks, Chunk.Claimed, first, last - first + 1);
            return (first, last);
        }
    }

    public void Complete(int chunk)
    {
        lock (_gate)
            _chunks[chunk] = Chunk.Done;
        _changed.Release();
    }

    /// <summary>Waits until a chunk is on disk; for one reader.</summary>
    public async Task DoneAsync(int chunk, CancellationToken cancellation)
    {
        while (!IsDone(chunk))
            await _changed.WaitAsync(cancellation);
    }

    /// <summary>For the state file.</summary>
    public IReadOnlyList<int[]> Runs()
    {
        var runs = new List<int[]>();
        lock (_gate)
            for (int i = 0; i < _chunks.Length; i++)
                if (_chunks[i] == Chunk.Done)
                {
                    if (runs.Count > 0 && runs[^1][1] == i - 1)
                        runs[^1][1] = i;
                    else
                        runs.Add([i, i]);
                }
        return runs;
    }

    private bool IsDone(int chunk)
    {
        lock (_gate)
            return _chunks[chunk] == Chunk.Done;
    }
}
