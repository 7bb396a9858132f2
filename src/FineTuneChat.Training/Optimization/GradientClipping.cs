using System.Numerics.Tensors;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Optimization;

/// <summary>Clipping by the norm of all gradients together (Pascanu et al. 2013, arXiv 1211.5063).</summary>
public static class GradientClipping
{
    /// <summary>The norm over all parameters.</summary>
    /// <param name="parameters">Whose gradients.</param>
    public static float Norm(ParameterSet parameters)
    {
        double sum = 0;
        foreach (Parameter parameter in parameters.All)
        {
            ReadOnlySpan<float> gradient = parameter.Gradient.AsSpan<float>();
            for (int start = 0; start < gradient.Length; start += 4096) // in parts: a sum of millions of floats loses digits
                sum += TensorPrimitives.SumOfSquares(gradient.Slice(start, Math.Min(4096, gradient.Length - start)));
        }

        return (float)Math.Sqrt(sum);
    }

    /// <summary>Factor that brings the norm down to the limit; 1 when it is below.</summary>
    /// <param name="norm">From <see cref="Norm"/>.</param>
    /// <param name="limit">The greatest norm allowed; 0 switches clipping off.</param>
    public static float Scale(float norm, float limit) => limit > 0 && norm > limit ? limit / norm : 1;
}
