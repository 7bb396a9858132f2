using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>
/// Compares the gradients of an operation with central differences of Σ c ∘ y for random c. Errors are measured against the largest gradient
/// of the tensor, since a 32-bit difference quotient says nothing about elements near zero.
/// </summary>
internal sealed class GradientCheck : IDisposable
{
    private const float Step = 1e-2f;
    private const int SampledElements = 40;

    private readonly Backend _backend;
    private readonly TensorStore _store;
    private readonly List<Tensor> _inputs = [];
    private readonly List<Action> _fill = [];
    private readonly Random _random = new(7);

    public GradientCheck(Func<Backend> backend)
    {
        NativeLibraries.Load();
        _backend = backend();
        _store = new TensorStore(64);
    }

    /// <summary>An input whose gradient is checked, normal with the given deviation.</summary>
    public Tensor Input(float deviation, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Constant(deviation, 0, shape);
        _inputs.Add(tensor);
        return tensor;
    }

    public Tensor Constant(float deviation, float mean, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = _store.Add($"input{_fill.Count}", GgmlType.F32, shape);
        _fill.Add(() =>
        {
            var values = new float[tensor.ElementCount];
            foreach (ref float value in values.AsSpan())
                value = mean + (deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble())));
            tensor.Write<float>(values);
        });
        return tensor;
    }

    public Tensor Integers(params int[] values)
    {
        Tensor tensor = _store.Add($"input{_fill.Count}", GgmlType.I32, values.Length);
        _fill.Add(() => tensor.Write<int>(values));
        return tensor;
    }

    public Parameter Parameter(float deviation, params ReadOnlySpan<long> shape) =>
        new("parameter", Input(deviation, shape), Constant(0, 0, shape), Decays: true);

    /// <summary>The largest relative error over all inputs and parameters.</summary>
    /// <param name="operation">Builds the operation's result.</param>
    /// <param name="parameters">Those whose gradients accumulate in place; their values must come from <see cref="Parameter"/>.</param>
    public double LargestError(Func<Tape, Tensor> operation, params Parameter[] parameters)
    {
        // 1. The graph with its backward pass.
        using var graph = new Graph(_backend, 1024);
        var tape = new Tape(graph);
        foreach (Tensor input in _inputs.Except(parameters.Select(p => p.Value)))
            tape.Want(input);
        Tensor result = operation(tape);
        Tensor seed = graph.Input("seed", GgmlType.F32, result.Size(0), result.Size(1), result.Size(2));
        graph.Output(result);
        tape.Backward(result, seed);
        var gradients = new Dictionary<Tensor, Tensor>();
        foreach (Tensor input in _inputs)
        {
            Parameter? parameter = parameters.FirstOrDefault(p => p.Value == input);
            gradients[input] = parameter?.Gradient ?? graph.Output(tape.GradientOf(input));
        }

        _store.Allocate(_backend);
        graph.Allocate();
        foreach (Action fill in _fill)
            fill();
        float[] c = [.. Enumerable.Range(0, (int)result.ElementCount).Select(_ => (2 * _random.NextSingle()) - 1)];

        // 2. Analytic gradients, once (parameters accumulate), then differences.
        Objective();
        var analytic = gradients.ToDictionary(g => g.Key, g => g.Value.Read<float>());
        return _inputs.Max(input => Error(input, analytic[input]));

        double Objective()
        {
            seed.Write<float>(c);
            graph.Compute();
            float[] y = result.Read<float>();
            double sum = 0;
            for (int i = 0; i < c.Length; i++)
                sum += (double)c[i] * y[i];
            return sum;
        }

        double Error(Tensor input, float[] expected)
        {
            double scale = expected.Max(MathF.Abs), worst = 0;
            float[] values = input.Read<float>();
            Assert.True(scale > 0, "the gradient is zero everywhere: the check would check nothing");
            for (int sample = 0; sample < Math.Min(SampledElements, expected.Length); sample++)
            {
                int i = expected.Length <= SampledElements ? sample : _random.Next(expected.Length);
                double up = With(i, values[i] + Step), down = With(i, values[i] - Step);
                input.Write<float>(values);
                worst = Math.Max(worst, Math.Abs(((up - down) / (2 * Step)) - expected[i]) / scale);
            }

            return worst;

            double With(int i, float value)
            {
                float original = values[i];
                values[i] = value;
                input.Write<float>(values);
                values[i] = original;
                return Objective();
            }
        }
    }

    public void Dispose()
    {
        _store.Dispose();
        _backend.Dispose();
    }
}
