using System.Globalization;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
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

    /// <summary>adamw.txt is what PyTorch did, adamw.py how it was recorded; the learning rate warms up over four steps.</summary>
    [Fact]
    public void Steps_with_decay_warm_up_and_clipping_are_PyTorchs()
    {
        float[][] lines = [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "FineTuneChat.Training.Tests", "Optimization", "adamw.txt"))
            .Select(line => line.Split(' ').Skip(1).Select(number => float.Parse(number, CultureInfo.InvariantCulture)).ToArray())];
        using ParameterSet parameters = New(decays: true, lines[0]);
        var optimizer = new AdamW(parameters, new AdamWOptions { WeightDecay = 0.05f });
        var schedule = new LearningRateSchedule(0.01f, WarmupSteps: 4, TotalSteps: 12, ScheduleKind.Constant);
        for (int step = 0; step < 12; step++)
        {
            Gradient(parameters, lines[(2 * step) + 1]);
            optimizer.Step(schedule.At(step), GradientClipping.Scale(GradientClipping.Norm(parameters), 1));
            foreach (var (expected, actual) in lines[(2 * step) + 2].Zip(Values(parameters)))
                Assert.Equal(expected, actual, 1e-6f);
        }
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

    [Theory]
    [InlineData(ScheduleKind.Linear, 0.75f, 0.01f)]
    [InlineData(ScheduleKind.Constant, 1f, 1f)]
    public void Or_a_line_or_nothing(ScheduleKind kind, float afterAQuarter, float last)
    {
        var schedule = new LearningRateSchedule(1, 10, 110, kind);
        Assert.Equal((afterAQuarter, last), (schedule.At(35), schedule.At(109)));
    }

    private static ParameterSet New(bool decays, params float[] values)
    {
        var parameters = new ParameterSet([("p", [values.Length], decays)]);
        values.CopyTo(parameters.All[0].Value.AsSpan<float>());
        return parameters;
    }

    private static void Gradient(ParameterSet parameters, params float[] values) => values.CopyTo(parameters.All[0].Gradient.AsSpan<float>());

    private static float[] Values(ParameterSet parameters) => parameters.All[0].Value.AsSpan<float>().ToArray();
}
