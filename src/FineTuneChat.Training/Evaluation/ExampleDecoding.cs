using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>Runs examples through a model, several short ones together, and gives the logits of what is predicted.</summary>
internal sealed class ExampleDecoding : IDisposable
{
    private const int LeastTokens = 256; // of a batch: below, weights are read for few tokens
    private const int MostTogether = 64;

    private readonly IReadOnlyList<TrainingExample> _examples;
    private readonly LlamaContext _context;
    private readonly LlamaBatch _batch;

    public ExampleDecoding(LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<TrainingExample> examples, int threads)
    {
        _examples = examples;
        int longest = Math.Max(LeastTokens, examples.Max(e => e.Tokens.Length));
        _context = new LlamaContext(
            model, new ContextOptions { CacheTokens = longest, BatchSize = longest, MaxSequences = MostTogether, Threads = threads });
        _context.SetAdapter(adapter);
        _batch = new LlamaBatch(longest);
    }

    /// <summary>The examples in their order. The logits of one hold until the next is asked for.</summary>
    /// <param name="cancellation">Looked at between batches.</param>
    public IEnumerable<DecodedExample> Decode(CancellationToken cancellation)
    {
        for (int done = 0; done < _examples.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            List<DecodedExample> together = DecodeFrom(done);
            foreach (DecodedExample example in together)
                yield return example;
            done += together.Count;
        }
    }

    public void Dispose() => _context.Dispose();

    private List<DecodedExample> DecodeFrom(int first)
    {
        _context.Clear();
        _batch.Clear();
        var together = new List<DecodedExample>();
        for (int e = first; e < _examples.Count && together.Count < MostTogether && _batch.Count + _examples[e].Tokens.Length <= _batch.Capacity; e++)
        {
            TrainingExample example = _examples[e];
            together.Add(new(_context, example, _batch.Count));
            for (int i = 0; i < example.Tokens.Length; i++)
                _batch.Add(example.Tokens[i], i, e - first, output: i + 1 < example.Tokens.Length && example.Mask[i + 1]);
        }
        return _context.Decode(_batch) == DecodeResult.Ok
            ? together
            : throw new InvalidOperationException($"{_batch.Count} tokens did not fit the context.");
    }
}
