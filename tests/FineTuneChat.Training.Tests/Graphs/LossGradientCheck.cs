using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>Compares the gradients of a whole model with central differences of its loss.</summary>
internal static class LossGradientCheck
{
    private const double Tolerance = 0.01;

    /// <summary>Packs sequences in which every token but the first is predicted.</summary>
    public static MicroBatch Batch(int[][] sequences)
    {
        int[] starts = [.. sequences.SelectMany((s, i) => Enumerable.Repeat(sequences.Take(i).Sum(x => x.Length), s.Length))];
        int[] tokens = [.. sequences.SelectMany(s => s)];
        int[] rows = [.. Enumerable.Range(0, tokens.Length - 1).Where(i => starts[i + 1] == starts[i])];
        return new MicroBatch(
            tokens, [.. tokens.Select((_, i) => i - starts[i])], starts, rows, [.. rows.Select(r => tokens[r + 1])], [.. rows.Select(_ => 1f)]);
    }

    /// <summary>
    /// Checks every parameter on its own, or all at once along their common gradient: cheaper, if less telling. Gives the largest error, relative.
    /// </summary>
    /// <param name="parameters">All that is trained.</param>
    /// <param name="graph">Of the model.</param>
    /// <param name="sample">What it predicts.</param>
    /// <param name="together">Whether all at once.</param>
    /// <param name="placed">The graph's weights, when they are copies of the parameters on a device.</param>
    public static double Assert(ParameterSet parameters, TrainingGraph graph, MicroBatch sample, bool together = false, DecoderWeights? placed = null)
    {
        return Assert(
            parameters,
            () =>
            {
                Loss();
                placed?.Fetch();
            },
            Loss, together);

        double Loss()
        {
            placed?.Send();
            return graph.Run(sample).Loss;
        }
    }

    /// <summary>The same for a loss that is computed apart from its gradients.</summary>
    /// <param name="parameters">All that is trained.</param>
    /// <param name="backward">Adds to their gradients.</param>
    /// <param name="loss">As the parameters are now.</param>
    /// <param name="together">Whether all at once.</param>
    public static double Assert(ParameterSet parameters, Action backward, Func<double> loss, bool together = false)
    {
        parameters.ClearGradients();
        backward();
        Parameter[] all = [.. parameters.All.Where(p => !p.Name.StartsWith("rope_", StringComparison.Ordinal))]; // frequency factors are constants
        var gradients = all.ToDictionary(p => p, p => p.Gradient.AsSpan<float>().ToArray());
        IEnumerable<Parameter[]> groups = together ? [all] : all.Select(p => new[] { p });
        return groups.Max(group => AssertSlope(group, gradients, loss));
    }

    /// <summary>Along its own gradient the slope is the gradient's norm: the direction in which a difference says most.</summary>
    private static double AssertSlope(Parameter[] group, Dictionary<Parameter, float[]> gradients, Func<double> loss)
    {
        const float Step = 4e-3f;
        string names = string.Join(", ", group.Select(p => p.Name));
        double norm = Math.Sqrt(group.Sum(p => gradients[p].Sum(g => (double)g * g)));
        Xunit.Assert.True(norm > 0, $"{names} gets no gradient");
        var originals = group.ToDictionary(p => p, p => p.Value.AsSpan<float>().ToArray());

        double near = LossAt(+1) - LossAt(-1), far = LossAt(+2) - LossAt(-2);
        LossAt(0);
        double slope = ((8 * near) - far) / (12 * Step); // four points: what is cubic in the step cancels out
        double error = Math.Abs(slope - norm) / norm;
        Xunit.Assert.True(error < Tolerance, $"{names}: slope {slope}, norm of the gradient {norm}");
        return error;

        double LossAt(int steps)
        {
            foreach (Parameter parameter in group)
            {
                Span<float> value = parameter.Value.AsSpan<float>();
                for (int i = 0; i < value.Length; i++)
                    value[i] = originals[parameter][i] + (float)(steps * Step * gradients[parameter][i] / norm);
            }

            return loss();
        }
    }
}
