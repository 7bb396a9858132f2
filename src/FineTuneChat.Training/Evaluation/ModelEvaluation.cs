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
    /// <param name="cancellation">Looked at between examples.</param>
    /// <exception cref="InvalidDataException">The model's predictions are not finite; the message says which tensor is at fault.</exception>
    public static EvaluationResult Run(
        LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<TrainingExample> examples, int threads, CancellationToken cancellation)
    {
        using var decoding = new ExampleDecoding(model, adapter, examples, threads);
        var clock = Stopwatch.StartNew();
        var sums = new Sums();
        foreach (TrainingExample example in examples)
        {
            cancellation.ThrowIfCancellationRequested();
            decoding.Decode(example);
            sums.Add([.. example.PredictedFrom.Select(i => Score(decoding.LogitsOf(i), example.Tokens[i + 1]))]);
        }

        EvaluationResult result = sums.Mean(clock.Elapsed.TotalSeconds);
        return double.IsFinite(result.Loss) ? result : throw new InvalidDataException(FiniteWeights.FaultOf(model.Path, adapter?.Path));
    }

    /// <summary>−log p of a token, and whether it was the most probable one.</summary>
    private static (double Loss, bool IsHit) Score(ReadOnlySpan<float> logits, int token) =>
        (PredictionDivergence.LogNormalizer(logits) - logits[token], TensorPrimitives.IndexOfMax(logits) == token);

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
