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
        double loss = 0;
        int hits = 0, tokens = 0;
        foreach (EncodedExample example in examples)
        {
            cancellation.ThrowIfCancellationRequested();
            context.Clear();
            batch.Clear();
            for (int i = 0; i < example.Ids.Length; i++)
                batch.Add(example.Ids[i], i, 0, output: IsPredicted(example, i + 1));
            if (context.Decode(batch) != DecodeResult.Ok)
                throw new InvalidOperationException($"An example of {example.Ids.Length} tokens did not fit the context.");
            for (int i = 0; i + 1 < example.Ids.Length; i++)
            {
                if (!IsPredicted(example, i + 1))
                    continue;
                ReadOnlySpan<float> logits = context.LogitsOf(i);
                loss += NegativeLogLikelihood(logits, example.Ids[i + 1]);
                hits += TensorPrimitives.IndexOfMax(logits) == example.Ids[i + 1] ? 1 : 0;
                tokens++;
            }
        }

        return new EvaluationResult(tokens == 0 ? 0 : loss / tokens, tokens == 0 ? 0 : (double)hits / tokens, tokens, clock.Elapsed.TotalSeconds);
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
}
