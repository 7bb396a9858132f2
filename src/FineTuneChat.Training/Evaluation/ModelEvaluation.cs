using System.Diagnostics;
using System.Numerics.Tensors;
using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>Measures a model file with the same <c>llama_decode</c> that serves it: what is measured is what will answer.</summary>
public static class ModelEvaluation
{
    /// <summary>Mean loss and accuracy over the predicted tokens.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="adapter">An adapter to apply, or null.</param>
    /// <param name="examples">What to predict.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="InvalidDataException">The model's predictions are not finite; the message says which tensor is at fault.</exception>
    public static EvaluationResult Run(
        LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<TrainingExample> examples, int threads, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        IReadOnlyList<RowScore> rows = Rows(model, adapter, examples, threads, cancellation);
        return Mean(rows, clock.Elapsed.TotalSeconds);
    }

    /// <summary>How well each example is predicted, in their order.</summary>
    /// <inheritdoc cref="Run"/>
    public static IReadOnlyList<RowScore> Rows(
        LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<TrainingExample> examples, int threads, CancellationToken cancellation)
    {
        using var decoding = new ExampleDecoding(model, adapter, examples, threads);
        var rows = new List<RowScore>();
        foreach (DecodedExample decoded in decoding.Decode(cancellation))
            rows.Add(RowScore.Of([.. decoded.Example.PredictedFrom.Select(i => Score(decoded.LogitsOf(i), decoded.Example.Tokens[i + 1]))]));
        return rows.All(row => double.IsFinite(row.Loss)) ? rows : throw new InvalidDataException(FiniteWeights.FaultOf(model.Path, adapter?.Path));
    }

    /// <summary>The figures of all rows together.</summary>
    /// <param name="rows">Of <see cref="Rows"/>.</param>
    /// <param name="seconds">Time they took.</param>
    public static EvaluationResult Mean(IReadOnlyList<RowScore> rows, double seconds)
    {
        RowScore[] replies = [.. rows.Where(row => row.Tokens > 0)];
        int tokens = replies.Sum(row => row.Tokens);
        return tokens == 0
            ? new(0, 0, 0, seconds)
            : new(replies.Sum(row => row.Loss * row.Tokens) / tokens, (double)replies.Sum(row => row.Hits) / tokens, tokens, seconds)
            {
                OpeningAccuracy = replies.Average(row => row.IsBegun ? 1.0 : 0),
                ReplyAccuracy = replies.Average(row => row.IsWhole ? 1.0 : 0),
                StopRate = replies.Average(row => row.IsEnded ? 1.0 : 0),
            };
    }

    /// <summary>−log p of a token, and whether it was the most probable one.</summary>
    private static (double Loss, bool IsHit) Score(ReadOnlySpan<float> logits, int token) =>
        (PredictionDivergence.LogNormalizer(logits) - logits[token], TensorPrimitives.IndexOfMax(logits) == token);
}
