using System.Diagnostics;
using System.Numerics.Tensors;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Benchmarks;

/// <summary>What the library does with nothing around it: <c>llama_decode</c> and the largest logit. No text, no socket, no server.</summary>
internal sealed class ServingBareLoop : IDisposable
{
    private const int BatchSize = 512;

    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly LlamaBatch _batch = new(BatchSize);

    /// <param name="path">The model.</param>
    /// <param name="threads">As many as the server's.</param>
    /// <param name="cacheTokens">As many as the server's.</param>
    /// <param name="sequences">As many as the server's.</param>
    public ServingBareLoop(string path, int threads, int cacheTokens, int sequences)
    {
        _model = LlamaModel.Load(path);
        _context = new LlamaContext(_model, new() { CacheTokens = cacheTokens, MaxSequences = sequences, Threads = threads, BatchSize = BatchSize });
    }

    /// <summary>A token whose text begins with letters.</summary>
    public int Word =>
        Enumerable.Range(0, _model.Vocabulary.Count)
            .First(token => _model.Vocabulary.PieceOf(token) is { Length: >= 4 } piece && !piece[..4].ContainsAnyExceptInRange((byte)'a', (byte)'z'));

    /// <summary>Tokens per second of so many sequences at a time, their prompts not counted.</summary>
    public double Decode(int streams, int prompt, int tokens)
    {
        _context.Clear();
        var next = new int[streams];
        for (int s = 0; s < streams; s++)
            next[s] = Read(s, prompt);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < tokens; i++)
        {
            _batch.Clear();
            for (int s = 0; s < streams; s++)
                _batch.Add(next[s], prompt + i, s, output: true);
            _context.Decode(_batch);
            for (int s = 0; s < streams; s++)
                next[s] = Largest(s);
        }

        return streams * tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Tokens per second of a prompt, up to the choice of the first token.</summary>
    public double Prefill(int prompt)
    {
        _context.Clear();
        long start = Stopwatch.GetTimestamp();
        Read(sequence: 0, prompt);
        return prompt / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>How much a batch of several sequences changes the logits of each, and how often the largest is another one.</summary>
    public (double Largest, int Changed, int Choices) Compare(int streams, int prompt, int tokens)
    {
        var alone = new float[streams, tokens][];
        for (int s = 0; s < streams; s++)
        {
            _context.Clear();
            int next = Read(s, prompt);
            for (int i = 0; i < tokens; i++)
            {
                _batch.Clear();
                _batch.Add(next, prompt + i, s, output: true);
                _context.Decode(_batch);
                alone[s, i] = _context.LogitsOf(0).ToArray();
                next = Largest(0);
            }
        }

        _context.Clear();
        int[] forced = [.. Enumerable.Range(0, streams).Select(s => Read(s, prompt))];
        (double largest, int changed) = (0, 0);
        for (int i = 0; i < tokens; i++)
        {
            _batch.Clear();
            for (int s = 0; s < streams; s++)
                _batch.Add(forced[s], prompt + i, s, output: true);
            _context.Decode(_batch);
            for (int s = 0; s < streams; s++)
            {
                forced[s] = TensorPrimitives.IndexOfMax<float>(alone[s, i]);
                changed += Largest(s) != forced[s] ? 1 : 0;
                TensorPrimitives.Subtract(_context.LogitsOf(s), alone[s, i], alone[s, i]);
                largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<float>(alone[s, i])));
            }
        }

        return (largest, changed, streams * tokens);
    }

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }

    private int Read(int sequence, int prompt)
    {
        for (int done = 0; done < prompt; done += _batch.Count)
        {
            _batch.Clear();
            for (int i = done; i < prompt && _batch.Count < BatchSize; i++)
                _batch.Add(65 + ((i + sequence) % 26), i, sequence, output: i == prompt - 1);
            _context.Decode(_batch);
        }

        return Largest(_batch.Count - 1);
    }

    private int Largest(int row) => TensorPrimitives.IndexOfMax(_context.LogitsOf(row));
}
