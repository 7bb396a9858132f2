using System.Diagnostics;
using System.Numerics.Tensors;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Batches;

namespace FineTuneChat.Training.Evaluation;

/// <summary>Measures a model file with the same <c>llama_decode</c> that serves it: what is measured is what will answer.</summary>
public static class ModelEvaluation
{
    /// <summary>Mean loss and accuracy over the predicted tokens.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="adapter">An adapter to apply, or null.</param>
    /// <param name="examples">What to predict.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between examples.</param>
    public static EvaluationResult Run(LlamaModel model, LoraAdapter? adapter, IReadOnlyList<EncodedExample> examples, int threads, CancellationToken cancellation)
    {
        int longest = Math.Max(256, examples.Max(e => e.Ids.Length));
        using var context = new LlamaContext(model, new ContextOptions { CacheTokens = longest, BatchSize = longest, Threads = threads });
        context.SetAdapter(adapter);
        var batch = new LlamaBatch(longest);
        var clock = Stopwatch.StartNew();
        var sums = new Sums();
        foreach (EncodedExample example in examples)
        {
            cancellation.ThrowIfCancellationRequested();
            context.Clear();
            batch.Clear();
            for (int i = 0; i < example.Ids.Length; i++)
                batch.Add(example.Ids[i], i, 0, output: IsPredicted(example, i + 1));
            if (context.Decode(batch) != DecodeResult.Ok)
                throw new InvalidOperationException($"An example of {example.Ids.Length} tokens did not fit the context.");
            sums.Add(Score(context, example));
        }

        return sums.Mean(clock.Elapsed.TotalSeconds);
    }

    /// <summary>Loss of each predicted token, and whether it was the most probable one.</summary>
    private static List<(double Loss, bool IsHit)> Score(LlamaContext context, EncodedExample example)
    {
        var scores = new List<(double, bool)>();
        for (int i = 0; i + 1 < example.Ids.Length; i++)
        {
            if (!IsPredicted(example, i + 1))
                continue;
            ReadOnlySpan<float> logits = context.LogitsOf(i);
            scores.Add((NegativeLogLikelihood(logits, example.Ids[i + 1]), TensorPrimitives.IndexOfMax(logits) == example.Ids[i + 1]));
        }

        return scores;
    }

    private static bool IsPredicted(EncodedExample example, int index) => index < example.Ids.Length && example.Weights[index] > 0;

    private static double NegativeLogLikelihood(ReadOnlySpan<float> logits, int label)
    {
        float highest = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit - highest);
        return Math.Log(sum) + highest - logits[label];
    }

    private sealed class Sums
    {
        private double _loss;
        private int _tokens, _hits, _replies, _begun, _whole, _ended;

        public void Add(List<(double Loss, bool IsHit)> reply)
        {
            if (reply.Count == 0)
                return;
            _loss += reply.Sum(token => token.Loss);
            _tokens += reply.Count;
            _hits += reply.Count(token => token.IsHit);
            _replies++;
            _begun += reply[0].IsHit ? 1 : 0;
            _whole += reply.All(token => token.IsHit) ? 1 : 0;
            _ended += reply[^1].IsHit ? 1 : 0; // the last predicted token is the end of the turn
        }

        public EvaluationResult Mean(double seconds) => _tokens == 0 ? new(0, 0, 0, seconds) : new(_loss / _tokens, (double)_hits / _tokens, _tokens, seconds)
        {
            OpeningAccuracy = (double)_begun / _replies,
            ReplyAccuracy = (double)_whole / _replies,
            StopRate = (double)_ended / _replies,
        };
    }
}
