namespace FineTuneChat.Training.Runs;

/// <summary>
/// What a run knows beside parameters and moments; a checkpoint keeps it, so that a resumed run reports and decides as if it had never been interrupted.
/// </summary>
internal sealed record RunState
{
    private const double NoticeablyLower = 0.95;

    /// <summary>Mean loss of the epoch so far.</summary>
    public double EpochLoss { get; init; }

    /// <summary>Steps it is the mean of.</summary>
    public int EpochSteps { get; init; }

    /// <summary>Loss on the validation data when it was last measured.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The lowest of them.</summary>
    public double? BestLoss { get; init; }

    /// <summary>Epochs since then.</summary>
    public int EpochsSinceBest { get; init; }

    /// <summary>Share of what must be learned that is, when it was last looked at.</summary>
    public double? Learned { get; init; }

    /// <summary>The largest of them.</summary>
    public double MostLearned { get; init; }

    /// <summary>The lowest loss on what must be learned, as far as it was lower by a twentieth than the one before.</summary>
    public double? LowestLoss { get; init; }

    /// <summary>Epochs since either got better.</summary>
    public int EpochsSinceMore { get; init; }

    /// <summary>The step from which the learning rate falls, when that is decided by what is learned.</summary>
    public int? DecaysFrom { get; init; }

    /// <summary>After a look at what is learned.</summary>
    public RunState WithLearned(double share, double loss)
    {
        bool isLower = !(loss > NoticeablyLower * LowestLoss);
        return this with
        {
            Learned = share,
            MostLearned = Math.Max(share, MostLearned),
            LowestLoss = isLower ? loss : LowestLoss,
            EpochsSinceMore = isLower || share > MostLearned ? 0 : EpochsSinceMore + 1,
        };
    }

    /// <summary>After a step.</summary>
    public RunState Add(double loss, bool isFirstOfEpoch)
    {
        int steps = isFirstOfEpoch ? 1 : EpochSteps + 1;
        return this with { EpochSteps = steps, EpochLoss = isFirstOfEpoch ? loss : EpochLoss + ((loss - EpochLoss) / steps) };
    }

    /// <summary>After a measurement on the validation data.</summary>
    public RunState Measured(double loss) => BestLoss is { } best && loss >= best
        ? this with { ValidationLoss = loss, EpochsSinceBest = EpochsSinceBest + 1 }
        : this with { ValidationLoss = loss, BestLoss = loss, EpochsSinceBest = 0 };
}
