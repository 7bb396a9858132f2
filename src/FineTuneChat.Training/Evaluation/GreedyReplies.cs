using System.Numerics.Tensors;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>A generated reply.</summary>
/// <param name="Text">What was written.</param>
/// <param name="Ended">Whether the model ended its turn itself; otherwise the limit cut it off.</param>
/// <param name="Tokens">Its length, without the end of the turn.</param>
public readonly record struct GreedyReply(string Text, bool Ended, int Tokens);

/// <summary>The most probable reply to each of many prompts, several prompts in one batch: for exact-match figures.</summary>
public static class GreedyReplies
{
    private const int MostParallel = 16, CacheTokens = 16 * 1024;

    /// <summary>Generates until the end of the turn or the limit.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="adapter">An adapter to apply, or null.</param>
    /// <param name="prompts">Token ids, each as serving would send them.</param>
    /// <param name="maxTokens">The most tokens in a reply.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>The replies, in the prompts' order.</returns>
    public static IReadOnlyList<GreedyReply> Generate(
        LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<int[]> prompts, int maxTokens, int threads, CancellationToken cancellation)
    {
        var replies = new List<GreedyReply>();
        int room = prompts.Max(p => p.Length) + maxTokens, parallel = Math.Clamp(CacheTokens / room, 1, MostParallel);
        using var context = new LlamaContext(model, new ContextOptions
        {
            CacheTokens = parallel * room,
            BatchSize = parallel * room,
            MaxSequences = parallel,
            Threads = threads,
        });
        context.SetAdapter(adapter);
        var batch = new LlamaBatch(parallel * room);
        foreach (int[][] group in prompts.Chunk(parallel))
            replies.AddRange(Generate(model.Vocabulary, context, batch, group, maxTokens, cancellation));
        return replies;
    }

    private static IEnumerable<GreedyReply> Generate(
        Vocabulary vocabulary, LlamaContext context, LlamaBatch batch, int[][] prompts, int maxTokens, CancellationToken cancellation)
    {
        List<int>[] replies = [.. prompts.Select(_ => new List<int>())];
        var ended = new bool[prompts.Length];
        var rows = new Dictionary<int, int>(); // sequence → row of its logits
        context.Clear();
        batch.Clear();
        for (int s = 0; s < prompts.Length; s++)
        {
            for (int i = 0; i < prompts[s].Length; i++)
                rows[s] = batch.Add(prompts[s][i], i, s, output: i == prompts[s].Length - 1);
        }

        for (int step = 0; rows.Count > 0; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (context.Decode(batch) != DecodeResult.Ok)
                throw new InvalidOperationException("The prompts did not fit the context.");
            var next = rows.ToDictionary(r => r.Key, r => TensorPrimitives.IndexOfMax(context.LogitsOf(r.Value)));
            rows.Clear();
            batch.Clear();
            foreach (var (s, token) in next)
            {
                ended[s] = vocabulary.IsEndOfGeneration(token);
                if (ended[s] || step == maxTokens)
                    continue;
                rows[s] = batch.Add(token, prompts[s].Length + replies[s].Count, s, output: true);
                replies[s].Add(token);
            }
        }

        return replies.Select((ids, s) => new GreedyReply(vocabulary.Detokenize([.. ids]), ended[s], ids.Count));
    }
}
