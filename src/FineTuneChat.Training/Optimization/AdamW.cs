using System.Numerics.Tensors;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Optimization;

/// <summary>
/// AdamW as PyTorch computes it: p −= lr·λ·p; m = β₁m + (1−β₁)g; v = β₂v + (1−β₂)g²;
/// p −= lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
/// </summary>
public sealed class AdamW
{
    /// <summary>Numbers worked on at a time: all of their arrays fit in L1.</summary>
    private const int Block = 2048;

    private readonly ParameterSet _parameters;
    private readonly AdamWOptions _options;

    /// <summary>Starts with zero moments.</summary>
    /// <param name="parameters">What to optimise.</param>
    /// <param name="options">Its constants.</param>
    public AdamW(ParameterSet parameters, AdamWOptions options)
    {
        _parameters = parameters;
        _options = options;
        First = [.. parameters.All.Select(p => new float[p.Value.ElementCount])];
        Second = [.. parameters.All.Select(p => new float[p.Value.ElementCount])];
    }

    /// <summary>Steps taken.</summary>
    public int StepCount { get; internal set; }

    /// <summary>First moments, in the parameters' order.</summary>
    internal IReadOnlyList<float[]> First { get; }

    /// <summary>Second moments.</summary>
    internal IReadOnlyList<float[]> Second { get; }

    /// <summary>Moves every parameter against its gradient.</summary>
    /// <param name="learningRate">For this step.</param>
    /// <param name="gradientScale">Factor on every gradient, from <see cref="GradientClipping"/>.</param>
    public void Step(float learningRate, float gradientScale = 1)
    {
        StepCount++;
        double correction1 = 1 - Math.Pow(_options.Beta1, StepCount), correction2 = 1 - Math.Pow(_options.Beta2, StepCount);
        var factors = new Factors(
            gradientScale, (float)(learningRate / correction1), (float)(1 / Math.Sqrt(correction2)), 1 - (learningRate * _options.WeightDecay));
        for (int i = 0; i < _parameters.All.Count; i++)
        {
            Parameter parameter = _parameters.All[i];
            Factors own = parameter.Decays ? factors : factors with { Keep = 1 };
            Span<float> value = parameter.Value.AsSpan<float>(), gradient = parameter.Gradient.AsSpan<float>();
            for (int start = 0; start < value.Length; start += Block)
            {
                int count = Math.Min(Block, value.Length - start);
                Update(value.Slice(start, count), gradient.Slice(start, count), First[i].AsSpan(start, count), Second[i].AsSpan(start, count), own);
            }
        }
    }

    private void Update(Span<float> value, ReadOnlySpan<float> gradient, Span<float> m, Span<float> v, Factors factors)
    {
        Span<float> g = stackalloc float[gradient.Length], root = stackalloc float[gradient.Length];
        TensorPrimitives.Multiply(gradient, factors.Gradient, g);

        TensorPrimitives.Multiply(m, _options.Beta1, m);
        TensorPrimitives.MultiplyAdd(g, 1 - _options.Beta1, m, m);
        TensorPrimitives.Multiply(g, g, g);
        TensorPrimitives.Multiply(v, _options.Beta2, v);
        TensorPrimitives.MultiplyAdd(g, 1 - _options.Beta2, v, v);

        TensorPrimitives.Sqrt(v, root);
        TensorPrimitives.Multiply(root, factors.Root, root);
        TensorPrimitives.Add(root, _options.Epsilon, root);
        TensorPrimitives.Divide(m, root, root);
        if (factors.Keep != 1)
            TensorPrimitives.Multiply(value, factors.Keep, value);
        TensorPrimitives.MultiplyAdd(root, -factors.Step, value, value);
    }

    private readonly record struct Factors(float Gradient, float Step, float Root, float Keep);
}
