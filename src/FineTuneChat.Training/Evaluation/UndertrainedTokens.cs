using System.Numerics.Tensors;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using Tensor = FineTuneChat.Native.Ggml.Tensor;

namespace FineTuneChat.Training.Evaluation;

/// <summary>
/// Finds tokens that a model cannot write well, whatever it has read: their rows of the head lie in the shadow of others, as happens to tokens that training
/// never asked for (Land and Bartolo 2024, "Fishing for Magikarp", arXiv 2405.05417, look at the same rows). In place of a threshold on distances, it looks for
/// the hidden state that makes a token likeliest: h = g ∘ u · √width / |u| with any direction u, by gradient ascent on log p(token | h).
/// </summary>
public static class UndertrainedTokens
{
    /// <summary>A token that no hidden state makes as likely as this is undertrained.</summary>
    public const double Reachable = 0.9;

    private const int Sample = 256; // tokens of the vocabulary by which a model is known that is not trained at all
    private const int Steps = 12;
    private const float StepSize = 0.5f; // of a direction of length 1
    private const int LogitsAtOnce = 16 << 20; // floats

    /// <summary>
    /// Those of some tokens that are undertrained, ascending. None where that is so of most of the vocabulary: such a model is not trained yet, and no token of
    /// it stands out.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Ids to look at, each once.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArgumentException">An id is not of the vocabulary.</exception>
    public static IReadOnlyList<int> Among(MappedModel model, IReadOnlyCollection<int> tokens, Backend backend, CancellationToken cancellation = default)
    {
        int[] ids = [.. tokens];
        double[] best = BestProbabilities(model, ids, backend, cancellation);
        if (best.All(b => b >= Reachable) || !IsTrained(model, backend, cancellation))
            return [];
        return [.. ids.Where((_, i) => best[i] < Reachable).Order()];
    }

    private static bool IsTrained(MappedModel model, Backend backend, CancellationToken cancellation)
    {
        long vocabulary = model.File.Find(TokenRows.HeadOf(model.File))!.Dimension(1), count = Math.Min(Sample, vocabulary);
        int[] sample = [.. Enumerable.Range(0, (int)count).Select(i => (int)(i * vocabulary / count))];
        return BestProbabilities(model, sample, backend, cancellation).Count(b => b >= Reachable) * 2 > count;
    }

    /// <summary>The highest probability of each token that was found.</summary>
    internal static double[] BestProbabilities(MappedModel model, IReadOnlyList<int> tokens, Backend backend, CancellationToken cancellation = default)
    {
        DecoderShape shape = DecoderShape.FromGguf(model.File);
        if (tokens.FirstOrDefault(id => (uint)id >= (uint)shape.Vocabulary, -1) is >= 0 and var wrong)
            throw new ArgumentException($"Token {wrong} is not of a vocabulary of {shape.Vocabulary}.", nameof(tokens));
        Tensor head = model[TokenRows.HeadOf(model.File)]; // [width, vocabulary]
        float[] scale = model["output_norm.weight"].ToFloats(); // g [width]
        int most = Math.Max(1, LogitsAtOnce / shape.Vocabulary);
        return [.. tokens.Chunk(most).SelectMany(chunk =>
        {
            cancellation.ThrowIfCancellationRequested();
            using var search = new Search(backend, shape, head, scale, chunk);
            return search.Run();
        })];
    }

    /// <summary>The ascent for some tokens at a time.</summary>
    private sealed class Search : IDisposable
    {
        private readonly DecoderShape _shape;
        private readonly float[] _scale;
        private readonly int[] _tokens;
        private readonly Graph _forward, _backward;
        private readonly Tensor _states, _logits, _errors, _slopes;
        private readonly float[] _directions; // u [width, tokens], each of length 1

        public Search(Backend backend, DecoderShape shape, Tensor head, float[] scale, int[] tokens)
        {
            (_shape, _scale, _tokens) = (shape, scale, tokens);
            _forward = new Graph(backend, capacity: 8);
            _states = _forward.Input("states", GgmlType.F32, shape.Width, tokens.Length);
            _logits = _forward.Output(_forward.Gemm(_states, head)); // [vocabulary, tokens]
            _forward.Allocate();
            _backward = new Graph(backend, capacity: 8);
            _errors = _backward.Input("errors", GgmlType.F32, shape.Vocabulary, tokens.Length);
            _slopes = _backward.Output(_backward.Gemm(_errors, head, transposeB: true)); // [width, tokens]
            _backward.Allocate();

            _directions = TokenRows.Read(head, tokens, backend); // its own row is where to begin
            for (int i = 0; i < tokens.Length; i++)
            {
                TensorPrimitives.Multiply(Direction(i), scale, Direction(i));
                Normalise(Direction(i));
            }
        }

        public double[] Run()
        {
            var best = new double[_tokens.Length];
            for (int step = 0; step < Steps && Array.Exists(best, b => b < Reachable); step++)
            {
                float[] errors = Errors(best);
                _errors.Write<float>(errors);
                _backward.Compute();
                Climb(_slopes.Read<float>());
            }
            return best;
        }

        public void Dispose()
        {
            _forward.Dispose();
            _backward.Dispose();
        }

        /// <summary>d log p / d logits of each token's own state: 1 at the token, less what all are given. Notes the probabilities.</summary>
        private float[] Errors(double[] best)
        {
            var states = new float[_directions.Length];
            float length = MathF.Sqrt(_shape.Width);
            for (int i = 0; i < _tokens.Length; i++)
            {
                Span<float> state = states.AsSpan(i * _shape.Width, _shape.Width);
                TensorPrimitives.Multiply(Direction(i), _scale, state);
                TensorPrimitives.Multiply(state, length, state);
            }
            _states.Write<float>(states);
            _forward.Compute();

            float[] logits = _logits.Read<float>();
            for (int i = 0; i < _tokens.Length; i++)
            {
                Span<float> own = logits.AsSpan(i * _shape.Vocabulary, _shape.Vocabulary);
                if (_shape.LogitCap > 0)
                {
                    TensorPrimitives.Divide(own, _shape.LogitCap, own);
                    TensorPrimitives.Tanh(own, own);
                    TensorPrimitives.Multiply(own, _shape.LogitCap, own);
                }
                TensorPrimitives.SoftMax(own, own);
                best[i] = Math.Max(best[i], own[_tokens[i]]);
                TensorPrimitives.Negate(own, own);
                own[_tokens[i]] += 1;
            }
            return logits;
        }

        private void Climb(float[] slopes)
        {
            for (int i = 0; i < _tokens.Length; i++)
            {
                Span<float> slope = slopes.AsSpan(i * _shape.Width, _shape.Width);
                TensorPrimitives.Multiply(slope, _scale, slope);
                Normalise(slope);
                TensorPrimitives.MultiplyAdd(slope, StepSize, Direction(i), Direction(i));
                Normalise(Direction(i));
            }
        }

        private Span<float> Direction(int i) => _directions.AsSpan(i * _shape.Width, _shape.Width);

        private static void Normalise(Span<float> vector)
        {
            float norm = TensorPrimitives.Norm<float>(vector);
            if (norm > 0)
                TensorPrimitives.Divide(vector, norm, vector);
        }
    }
}
