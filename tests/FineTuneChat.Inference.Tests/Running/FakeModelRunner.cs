using System.Text;
using FineTuneChat.Inference.Running;

namespace FineTuneChat.Inference.Tests.Running;

/// <summary>
/// A model of bytes whose next token is a function of all tokens before it, read from a cache that is kept and checked as a real one:
/// a sequence that is placed wrongly, cut off or mixed up writes another text.
/// </summary>
internal sealed class FakeModelRunner(int cacheTokens = 1024, int batchSize = 64, int maxSequences = 4) : IModelRunner
{
    public const int End = 256;

    private readonly Dictionary<int, List<Cell>> _cache = [];
    private readonly Dictionary<int, int> _nextByRow = [];
    private readonly float[] _logits = new float[End + 1];
    private Adapter? _adapter;
    private int _liveSamplers;

    public int CacheTokens => cacheTokens;

    public int BatchSize => batchSize;

    public int MaxSequences => maxSequences;

    /// <summary>Tokens of each batch so far.</summary>
    public List<BatchToken[]> Batches { get; } = [];

    public int Threads { get; private set; }

    public int LiveSamplers => _liveSamplers;

    /// <summary>Seeds of all samplers so far.</summary>
    public List<uint> Seeds { get; } = [];

    public bool IsDisposed { get; private set; }

    public bool CanSharePrefixes { get; init; } = true;

    public bool CanForgetLast { get; init; } = true;

    /// <summary>Cells in use; what sequences share counts once.</summary>
    public int CachedTokens => _cache.Values.SelectMany(c => c).Distinct().Count();

    /// <summary>The next token after these; the real rule by default.</summary>
    public Func<IReadOnlyList<int>, int> Next { get; set; } = NextOf;

    /// <summary>Runs before each batch; may throw.</summary>
    public Action BeforeDecode { get; set; } = () => { };

    /// <summary>Runs after each batch, with its rows.</summary>
    public Action<int> AfterDecode { get; set; } = _ => { };

    /// <summary>The text that the model writes after a prompt, by the plainest loop.</summary>
    public string Continue(string prompt, int count)
    {
        List<int> tokens = Tokens(prompt);
        var text = new List<byte>();
        while (count-- > 0 && Next(tokens) is var token && token != End)
        {
            text.Add((byte)token);
            tokens.Add(token);
        }

        var characters = new char[text.Count];
        return new string(characters, 0, Encoding.UTF8.GetDecoder().GetChars([.. text], characters, flush: false)); // whole ones
    }

    public static List<int> Tokens(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];

    /// <summary>The adapter of each batch so far.</summary>
    public List<Adapter?> Adapters { get; } = [];

    public void Use(Adapter? adapter) => _adapter = adapter;

    public bool Decode(TokenBatch batch)
    {
        BeforeDecode();
        Assert.InRange(batch.Count, 1, batchSize);
        if (CachedTokens + batch.Count > cacheTokens)
            return false;

        Batches.Add(batch.Tokens.ToArray());
        Adapters.Add(_adapter);
        _nextByRow.Clear();
        for (int row = 0; row < batch.Count; row++)
        {
            BatchToken token = batch.Tokens[row];
            Assert.InRange(token.Sequence, 0, maxSequences - 1);
            List<Cell> cache = _cache.TryGetValue(token.Sequence, out List<Cell>? known) ? known : _cache[token.Sequence] = [];
            Assert.Equal(cache.Count, token.Position);
            cache.Add(new Cell(token.Id, _adapter));
            Assert.All(cache, cell => Assert.Same(_adapter, cell.Adapter)); // one sequence, one adapter
            if (token.Output)
                _nextByRow[row] = Next([.. cache.Select(c => c.Token)]);
        }

        AfterDecode(batch.Count);

        return true;
    }

    public ITokenSampler CreateSampler(SamplingParameters parameters, IReadOnlyList<int> prompt)
    {
        Interlocked.Increment(ref _liveSamplers);
        lock (Seeds)
            Seeds.Add(parameters.Seed);
        return new Sampler(this);
    }

    /// <summary>Nearly all probability is the next token's.</summary>
    public ReadOnlySpan<float> LogitsOf(int row)
    {
        Array.Clear(_logits);
        _logits[_nextByRow[row]] = 10;
        return _logits;
    }

    public void Share(int source, int target, int length)
    {
        Assert.True(CanSharePrefixes);
        Assert.InRange(target, 0, maxSequences - 1);
        Assert.False(_cache.ContainsKey(target), "the target holds something");
        _cache[target] = _cache[source][..length];
    }

    public void Forget(int sequence, int from = 0)
    {
        if (from == 0)
        {
            _cache.Remove(sequence);
            return;
        }

        Assert.True(CanForgetLast);
        Assert.InRange(from, 1, _cache[sequence].Count - 1);
        _cache[sequence] = _cache[sequence][..from];
    }

    public void SetThreads(int threads) => Threads = threads;

    public ReadOnlySpan<byte> PieceOf(int token) => token == End ? [] : new byte[] { (byte)token };

    public bool EndsGeneration(int token) => token == End;

    public void Dispose() => IsDisposed = true;

    /// <summary>A letter, now and then a two-byte character, and an end after a while.</summary>
    private static int NextOf(IReadOnlyList<int> tokens)
    {
        uint hash = 2166136261;
        foreach (int token in tokens)
            hash = (hash ^ (uint)token) * 16777619;
        if (tokens[^1] == 0xC3)
            return 0xA0 + (int)(hash % 30);
        return (hash % 100) switch { < 3 => End, < 10 => 0xC3, _ => 'a' + (int)(hash % 26) };
    }

    private sealed class Cell(int token, Adapter? adapter)
    {
        public int Token => token;

        public Adapter? Adapter => adapter;
    }

    private sealed class Sampler(FakeModelRunner owner) : ITokenSampler
    {
        public int Sample(int row) => owner._nextByRow[row];

        public void Dispose() => Interlocked.Decrement(ref owner._liveSamplers);
    }
}
