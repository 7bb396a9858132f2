using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>Runs examples through a model one by one and gives the logits of what is predicted.</summary>
internal sealed class ExampleDecoding : IDisposable
{
    private const int LeastTokens = 256;

    private readonly LlamaContext _context;
    private readonly LlamaBatch _batch;

    public ExampleDecoding(LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<TrainingExample> examples, int threads)
    {
        int longest = Math.Max(LeastTokens, examples.Max(e => e.Tokens.Length));
        _context = new LlamaContext(model, new ContextOptions { CacheTokens = longest, BatchSize = longest, Threads = threads });
        _context.SetAdapter(adapter);
        _batch = new LlamaBatch(longest);
    }

    public void Decode(TrainingExample example)
    {
        _context.Clear();
        _batch.Clear();
        for (int i = 0; i < example.Tokens.Length; i++)
            _batch.Add(example.Tokens[i], i, 0, output: i + 1 < example.Tokens.Length && example.Mask[i + 1]);
        if (_context.Decode(_batch) != DecodeResult.Ok)
            throw new InvalidOperationException($"An example of {example.Tokens.Length} tokens did not fit the context.");
    }

    /// <summary>Of the token at an index of <see cref="TrainingExample.PredictedFrom"/>.</summary>
    public ReadOnlySpan<float> LogitsOf(int index) => _context.LogitsOf(index);

    public void Dispose() => _context.Dispose();
}
