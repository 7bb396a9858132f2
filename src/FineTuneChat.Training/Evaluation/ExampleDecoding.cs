using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Batches;

namespace FineTuneChat.Training.Evaluation;

/// <summary>Runs examples through a model one by one and gives the logits of what is predicted.</summary>
internal sealed class ExampleDecoding : IDisposable
{
    private const int LeastTokens = 256;

    private readonly LlamaContext _context;
    private readonly LlamaBatch _batch;

    public ExampleDecoding(LlamaModel model, LoraAdapter? adapter, IReadOnlyList<EncodedExample> examples, int threads)
    {
        int longest = Math.Max(LeastTokens, examples.Max(e => e.Ids.Length));
        _context = new LlamaContext(model, new ContextOptions { CacheTokens = longest, BatchSize = longest, Threads = threads });
        _context.SetAdapter(adapter);
        _batch = new LlamaBatch(longest);
    }

    /// <summary>Indices of the tokens whose successor is predicted.</summary>
    public static IEnumerable<int> PredictedFrom(EncodedExample example) => Enumerable.Range(0, Math.Max(0, example.Ids.Length - 1)).Where(i => example.Weights[i + 1] > 0);

    public void Decode(EncodedExample example)
    {
        _context.Clear();
        _batch.Clear();
        for (int i = 0; i < example.Ids.Length; i++)
            _batch.Add(example.Ids[i], i, 0, output: i + 1 < example.Ids.Length && example.Weights[i + 1] > 0);
        if (_context.Decode(_batch) != DecodeResult.Ok)
            throw new InvalidOperationException($"An example of {example.Ids.Length} tokens did not fit the context.");
    }

    /// <summary>Of the token at an index of <see cref="PredictedFrom"/>.</summary>
    public ReadOnlySpan<float> LogitsOf(int index) => _context.LogitsOf(index);

    public void Dispose() => _context.Dispose();
}
