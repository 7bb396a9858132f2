using FineTuneChat.Retraining.Examples;

namespace FineTuneChat.Retraining;

/// <summary>The policy as <c>GET /api/training</c> shows it.</summary>
internal sealed record PolicyState(bool Enabled, int MinNewExamples, string Reason);

/// <summary>Is it time to learn, may one start now, and why (not). Pure.</summary>
internal static class RetrainingPolicy
{
    /// <summary>Why a run asked for cannot start; null when it can.</summary>
    public static string? Refusal(Waiting waiting, bool hasOptions)
    {
        if (waiting.Examples == 0)
            return "There is nothing to learn yet: rate a reply up, or write a better one.";
        if (waiting is { New: 0, Removed: 0 } && !hasOptions)
            return $"There is nothing new to learn: the version in service has learned all {waiting.Examples} accepted examples.";
        return null;
    }

    public static bool IsDue(RetrainingSettings settings, Waiting waiting, bool isRunning) =>
        settings.Automatic && !isRunning && waiting.Examples > 0 && waiting.New >= settings.MinNewExamples;

    public static PolicyState Describe(RetrainingSettings settings, Waiting waiting, bool isRunning)
    {
        string reason =
            isRunning ? "A run is under way." :
            Refusal(waiting, hasOptions: false) is { } refusal ? refusal :
            !settings.Automatic ? $"{Count(waiting.New)} ready; training starts when you say so." :
            waiting.New < settings.MinNewExamples ? $"{Count(waiting.New)} ready; training starts by itself at {settings.MinNewExamples}." :
            $"{Count(waiting.New)} ready; training starts with the next rating.";
        return new(settings.Automatic, settings.MinNewExamples, reason);
    }

    private static string Count(long examples) => examples == 1 ? "1 new example is" : $"{examples} new examples are";
}
