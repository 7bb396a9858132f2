using System.Numerics.Tensors;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>The most probable reply to each of many prompts, several prompts in one batch: for exact-match figures.</summary>
public static class GreedyReplies
{
    private const int Parallel = 16;

    /// <summary>Generates until the end of the turn or the limit.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="prompts">Token ids, each as serving would send them.</param>
    /// <param name="maxTokens">The most tokens in a reply.</param>
    /// <param name="threads">Compute threads.</param>
    /// <returns>The replies' texts, in the prompts' order.</returns>
    public static IReadOnlyList<string> Generate(LlamaModel model, IReadOnlyList<int[]> prompts, int maxTokens, int threads)
    {
        var replies = new string[prompts.Count];
        int room = prompts.Max(p => p.Length) + maxTokens;
        using var context = new LlamaContext(model, new ContextOptions
        {
            CacheTokens = Parallel * room, BatchSize = Parallel * room, MaxSequences = Parallel, Threads = threads,
        });
        var batch = new LlamaBatch(Parallel * room);
        for (int first = 0; first < prompts.Count; first += Parallel)
        {
            int count = Math.Min(Parallel, prompts.Count - first);
            var group = Generate(model.Vocabulary, context, batch, [.. prompts.Skip(first).Take(count)], maxTokens);
            for (int i = 0; i < count; i++)
                replies[first + i] = model.Vocabulary.Detokenize([.. group[i]]);
        }

        return replies;
    }

    private static List<int>[] Generate(Vocabulary vocabulary, LlamaContext context, LlamaBatch batch, int[][] prompts, int maxTokens)
    {
        List<int>[] replies = [.. prompts.Select(_ => new List<int>())];
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
            if (context.Decode(batch) != DecodeResult.Ok)
                throw new InvalidOperationException("The prompts did not fit the context.");
            var next = rows.ToDictionary(r => r.Key, r => TensorPrimitives.IndexOfMax(context.LogitsOf(r.Value)));
            rows.Clear();
            batch.Clear();
            foreach (var (s, token) in next)
            {
                if (vocabulary.IsEndOfGeneration(token) || step == maxTokens)
                    continue;
                rows[s] = batch.Add(token, prompts[s].Length + replies[s].Count, s, output: true);
                replies[s].Add(token);
            }
        }

        return replies;
    }
}
