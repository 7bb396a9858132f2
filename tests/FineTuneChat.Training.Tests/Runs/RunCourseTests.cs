using FineTuneChat.Training.Optimization;
using FineTuneChat.Training.Runs;

namespace FineTuneChat.Training.Tests.Runs;

/// <summary>When a run ends, and how its learning rate goes until then.</summary>
public sealed class RunCourseTests
{
    private const float Peak = 0.01f;

    [Fact]
    public void A_fixed_course_is_as_long_as_its_epochs_say()
    {
        var course = new RunCourse(new FineTuneOptions { Epochs = 3 }, 80, endsWhenLearned: false, Peak);
        Assert.Equal((30, 30, 30), (course.Order.Steps, course.Schedule(new RunState()).TotalSteps, course.TotalSteps(new RunState(), 7)));
        Assert.False(course.IsOpen(new RunState()));
        Assert.Equal(0, course.Schedule(new RunState()).HoldUntil);
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(12, 1)]
    [InlineData(84, 4)]
    [InlineData(3_000, 5)]
    [InlineData(70_000, 3)]
    public void An_open_course_holds_its_rate_until_enough_is_learned_and_then_lets_it_fall(int examples, int learnedAfter)
    {
        var course = new RunCourse(new FineTuneOptions(), examples, endsWhenLearned: true, Peak);
        RunState state = After(course, learnedAfter, epoch => epoch == learnedAfter ? 1 : epoch / 100.0);

        int from = learnedAfter * course.Order.StepsPerEpoch;
        LearningRateSchedule schedule = course.Schedule(state);
        Assert.Equal(from, state.DecaysFrom);
        Assert.Equal(Peak, schedule.At(from));
        Assert.InRange(schedule.TotalSteps, from + course.Order.StepsPerEpoch, course.Order.Steps);
        Assert.InRange(schedule.At(schedule.TotalSteps - 1), 0, Peak / 2);
        Assert.Equal(schedule.TotalSteps, course.TotalSteps(state, from));
        for (int step = from; step + 1 < schedule.TotalSteps; step++)
            Assert.True(schedule.At(step + 1) <= schedule.At(step));
    }

    [Fact]
    public void Where_no_more_is_learned_it_ends_and_the_end_of_all_batches_is_kept()
    {
        var course = new RunCourse(new FineTuneOptions(), 84, endsWhenLearned: true, Peak);
        Assert.Equal((2 + course.Patience) * course.Order.StepsPerEpoch, After(course, 30, epoch => epoch == 1 ? 0.4 : 0.5).DecaysFrom);

        RunState falling = After(course, 30, _ => 0, epoch => Math.Pow(0.9, epoch)); // nothing is learned yet, but it comes nearer
        Assert.Equal(course.Order.Steps, course.Schedule(falling).TotalSteps);
        Assert.Equal((1 + course.Patience) * course.Order.StepsPerEpoch, After(course, 30, _ => 0, epoch => Math.Pow(0.999, epoch)).DecaysFrom);

        RunState slow = After(course, 30, epoch => epoch / 100.0); // a little more with each
        Assert.Equal(course.Order.Steps, course.Schedule(slow).TotalSteps);
        Assert.True(course.Order.Steps - slow.DecaysFrom >= course.Order.StepsPerEpoch);
    }

    /// <summary>Runs epoch after epoch, until the rate falls.</summary>
    private static RunState After(RunCourse course, int epochs, Func<int, double> learned, Func<int, double>? loss = null)
    {
        var state = new RunState();
        for (int epoch = 1; epoch <= epochs && course.IsOpen(state); epoch++)
        {
            int step = epoch * course.Order.StepsPerEpoch;
            Assert.True(step < course.Schedule(state).TotalSteps && step <= course.TotalSteps(state, step));
            state = course.Judge(state.WithLearned(learned(epoch), loss?.Invoke(epoch) ?? 1), step);
        }
        Assert.False(course.IsOpen(state));
        return state;
    }
}
