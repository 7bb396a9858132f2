using FineTuneChat.Training.Optimization;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// How long a run is, and how its learning rate goes: a fixed number of passes, or at the peak until enough is learned, and then down. How many passes small
/// and large sets need is not guessed.
/// </summary>
/// <param name="options">How it learns.</param>
/// <param name="examples">Conversations in the set.</param>
/// <param name="endsWhenLearned">Whether it may end when enough is learned.</param>
/// <param name="peakRate">The highest learning rate.</param>
internal sealed class RunCourse(FineTuneOptions options, int examples, bool endsWhenLearned, float peakRate)
{
    /// <summary>
    /// Share of the usual learning rate that an open course takes: it has the time, and what is learned gently costs the base less (docs/training.md, Rates and
    /// retention).
    /// </summary>
    public const float OpenRate = 0.5f;

    private const int LeastDecay = 8; // steps
    private const int PatientSteps = 100;

    /// <summary>The passes of a fixed course; also what an open one is expected to take.</summary>
    public DataOrder Usual { get; } = OrderOf(options, examples, options.Epochs ?? FineTuneOptions.DefaultEpochs(examples));

    /// <summary>All batches that there may be.</summary>
    public DataOrder Order => field ??= endsWhenLearned ? OrderOf(options, examples, FineTuneOptions.MostEpochs(examples)) : Usual;

    /// <summary>Epochs without progress after which there will be none: a large set's epochs are long.</summary>
    public int Patience => Math.Clamp(PatientSteps / Order.StepsPerEpoch, 2, 6);

    /// <summary>Whether it is still open when the learning rate falls.</summary>
    public bool IsOpen(RunState state) => endsWhenLearned && state.DecaysFrom is null;

    /// <summary>The learning rates from here on.</summary>
    public LearningRateSchedule Schedule(RunState state)
    {
        int warmup = Math.Min(Usual.Steps, Math.Max(3, (int)(options.WarmupShare * Usual.Steps)));
        var whole = new LearningRateSchedule(peakRate, warmup, Order.Steps, options.Schedule);
        return !endsWhenLearned ? whole
            : state.DecaysFrom is { } from ? whole with { HoldUntil = from, TotalSteps = EndOf(from) }
            : whole with { HoldUntil = LatestDecay };
    }

    /// <summary>After an epoch of an open course: the rate falls from here on if enough is learned, or if waiting longer would not help.</summary>
    public RunState Judge(RunState state, int step) =>
        state.Learned >= LearnedRows.Enough || state.EpochsSinceMore >= Patience || step >= LatestDecay ? state with { DecaysFrom = step } : state;

    /// <summary>Steps of the run as far as is known: as many as usual while it is open, more when these are over.</summary>
    public int TotalSteps(RunState state, int step) =>
        !endsWhenLearned ? Order.Steps : state.DecaysFrom is { } from ? EndOf(from) : Math.Max(Usual.Steps, EndOf(step));

    /// <summary>A fifth of the run, an epoch at least, is left for the decay.</summary>
    private int LatestDecay => Order.Steps * 4 / 5;

    private int EndOf(int decaysFrom) => Math.Min(Order.Steps, decaysFrom + Math.Max(Math.Max(Order.StepsPerEpoch, LeastDecay), decaysFrom / 4));

    private static DataOrder OrderOf(FineTuneOptions options, int examples, int epochs) => new(examples, options.BatchSize, epochs, options.Seed);
}
