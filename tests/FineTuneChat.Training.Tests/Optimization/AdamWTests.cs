using FineTuneChat.Native.Loading;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Tests.Optimization;

public sealed class AdamWTests
{
    public AdamWTests() => NativeLibraries.Load();

    [Fact]
    public void With_rate_one_and_no_memory_a_step_is_the_gradients_sign()
    {
        using ParameterSet parameters = New(decays: true, 1f, -2f, 3f);
        var optimizer = new AdamW(parameters, new AdamWOptions { Beta1 = 0, Beta2 = 0, Epsilon = 0 });
        Gradient(parameters, 0.5f, -4f, 100f);
        optimizer.Step(1);
        Assert.Equal([0f, -1f, 2f], Values(parameters));
    }

    [Fact]
    public void Decay_shrinks_matrices_but_not_norms()
    {
        using ParameterSet matrix = New(decays: true, 10f), norm = New(decays: false, 10f);
        foreach (ParameterSet parameters in new[] { matrix, norm })
        {
            Gradient(parameters, 0f);
            new AdamW(parameters, new AdamWOptions { WeightDecay = 0.1f }).Step(0.5f);
        }

        Assert.Equal(9.5f, Values(matrix)[0], 1e-6f);
        Assert.Equal(10f, Values(norm)[0]);
    }

    /// <summary>Against the textbook formula in double precision over many steps.</summary>
    [Fact]
    public void Many_steps_follow_the_formula()
    {
        var random = new Random(5);
        using ParameterSet parameters = New(decays: true, 0.3f, -0.7f);
        var options = new AdamWOptions { WeightDecay = 0.01f };
        var optimizer = new AdamW(parameters, options);
        double[] p = [0.3, -0.7], m = [0, 0], v = [0, 0];
        for (int t = 1; t <= 50; t++)
        {
            float[] g = [random.NextSingle() - 0.3f, random.NextSingle() - 0.6f];
            Gradient(parameters, g);
            optimizer.Step(0.01f);
            for (int i = 0; i < 2; i++)
            {
                m[i] = (0.9 * m[i]) + (0.1 * g[i]);
                v[i] = (0.999 * v[i]) + (0.001 * g[i] * g[i]);
                p[i] -= 0.01 * 0.01 * p[i];
                p[i] -= 0.01 / (1 - Math.Pow(0.9, t)) * m[i] / ((Math.Sqrt(v[i]) / Math.Sqrt(1 - Math.Pow(0.999, t))) + 1e-8);
            }
        }

        Assert.Equal(p[0], Values(parameters)[0], 1e-5);
        Assert.Equal(p[1], Values(parameters)[1], 1e-5);
    }

    [Fact]
    public void Clipping_brings_the_norm_down_to_the_limit()
    {
        using ParameterSet parameters = New(decays: true, 0f, 0f);
        Gradient(parameters, 3f, 4f);
        Assert.Equal(5f, GradientClipping.Norm(parameters), 1e-6f);
        Assert.Equal(0.2f, GradientClipping.Scale(5, 1), 1e-6f);
        Assert.Equal(1f, GradientClipping.Scale(5, 0));
        Assert.Equal(1f, GradientClipping.Scale(0.5f, 1));
    }

    [Theory]
    [InlineData(0, 0.1f)]
    [InlineData(9, 1f)]
    [InlineData(10, 1f)]
    [InlineData(60, 0.5f)]
    public void The_rate_warms_up_from_above_zero_and_follows_a_cosine(int step, float expected) =>
        Assert.Equal(expected, new LearningRateSchedule(1, 10, 110).At(step), 1e-6f);

    private static ParameterSet New(bool decays, params float[] values)
    {
        var parameters = new ParameterSet([("p", [values.Length], decays)]);
        values.CopyTo(parameters.All[0].Value.AsSpan<float>());
        return parameters;
    }

    private static void Gradient(ParameterSet parameters, params float[] values) => values.CopyTo(parameters.All[0].Gradient.AsSpan<float>());

    private static float[] Values(ParameterSet parameters) => parameters.All[0].Value.AsSpan<float>().ToArray();
}
