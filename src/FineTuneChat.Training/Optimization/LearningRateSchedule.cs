namespace FineTuneChat.Training.Optimization;

/// <summary>How the learning rate decays after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine.</summary>
    Cosine,

    /// <summary>A straight line.</summary>
    Linear,

    /// <summary>Not at all.</summary>
    Constant,
}

/// <summary>
/// Learning rate by step: a linear warm-up, the peak for as long as is wanted, then a decay (Hu et al. 2024, "MiniCPM", arXiv 2404.06395, section 4: the
/// decay may begin whenever enough is learned).
/// </summary>
/// <param name="Peak">The highest rate.</param>
/// <param name="WarmupSteps">Steps until it is reached; the first step already has a rate above zero, or it would be wasted.</param>
/// <param name="TotalSteps">Steps of the run.</param>
/// <param name="Kind">What follows the warm-up.</param>
/// <param name="FinalFraction">Share of the peak that the decay ends at.</param>
public sealed record LearningRateSchedule(float Peak, int WarmupSteps, int TotalSteps, ScheduleKind Kind = ScheduleKind.Cosine, float FinalFraction = 0)
{
    /// <summary>The step with which the decay begins. Default 0: after the warm-up.</summary>
    public int HoldUntil { get; init; }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Counted from 0.</param>
    public float At(int step)
    {
        if (step < WarmupSteps)
            return Peak * (step + 1) / WarmupSteps;
        int start = Math.Max(WarmupSteps, HoldUntil);
        double progress = TotalSteps > start ? Math.Max(0, (double)(step - start) / (TotalSteps - start)) : 0;
        double left = Kind switch
        {
            ScheduleKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            ScheduleKind.Linear => 1 - progress,
            _ => 1,
        };
        return (float)(Peak * (FinalFraction + ((1 - FinalFraction) * left)));
    }
}
