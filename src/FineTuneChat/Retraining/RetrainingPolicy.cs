using System.Globalization;
using FineTuneChat.Retraining.Examples;

namespace FineTuneChat.Retraining;

/// <summary>The policy as <c>GET /api/training</c> shows it.</summary>
internal sealed record PolicyState(bool Enabled, int MinNewExamples, string Reason);

/// <summary>What the decision hangs on.</summary>
internal sealed record PolicyInput
{
    public required Waiting Waiting { get; init; }
    public required bool IsRunning { get; init; }

    /// <summary>The last run that ended; null before the first.</summary>
    public required Run? Last { get; init; }

    /// <summary>In local time: the hour counts.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Since when nobody chats; null while somebody does.</summary>
    public required DateTimeOffset? IdleSince { get; init; }
}

/// <summary>Whether a run starts by itself now, and in words why (not yet).</summary>
internal sealed record PolicyDecision(bool IsDue, string Reason);

/// <summary>Is it time to learn, may one start now, and why (not). Pure.</summary>
internal static class RetrainingPolicy
{
    /// <summary>Why a run asked for cannot start; null when it can.</summary>
    public static string? Refusal(Waiting waiting, bool hasOptions)
    {
        if (waiting is { Examples: 0, Removed: > 0 })
            return "Everything that the version in service learned was taken back, and nothing else is accepted: put version 0 in service to be without it.";
        if (waiting.Examples == 0)
            return "There is nothing to learn yet: rate a reply up, or write a better one.";
        if (waiting is { New: 0, Removed: 0 } && !hasOptions)
            return $"There is nothing new to learn: the version in service has learned all {waiting.Examples} accepted examples.";
        return null;
    }

    /// <summary>
    /// A run starts by itself when enough examples wait that no run has tried yet, the last run is long enough ago, and nobody chats or the hour
    /// has come. Data that a run was refused for (or failed on, or that the user rolled back) is not tried again on its own.
    /// </summary>
    public static PolicyDecision Decide(RetrainingSettings settings, PolicyInput input)
    {
        Waiting waiting = input.Waiting;
        string ready = $"{Count(waiting.New)} ready";
        if (input.IsRunning)
            return NotYet("A run is under way.");
        if (Refusal(waiting, hasOptions: false) is { } refusal)
            return NotYet(refusal);
        if (!settings.Automatic)
            return NotYet($"{(waiting.New > 0 ? ready : Removed(waiting.Removed))}; training starts when you say so.");
        if (waiting.New < settings.MinNewExamples)
            return NotYet($"{(waiting.New > 0 ? ready : Removed(waiting.Removed))}; training starts by itself at {settings.MinNewExamples}.");
        if (settings.MinNewExamples - waiting.SinceLastRun is > 0 and long missing)
            return NotYet($"{ready}, but {Tried(input.Last)}; training starts by itself after {missing} more.");
        if (input.Last?.FinishedAt is { } finished && DateTimeOffset.FromUnixTimeSeconds(finished).AddMinutes(settings.PauseMinutes) is var earliest && input.Now < earliest)
            return NotYet($"{ready}; training may start by itself at {Clock(earliest.ToOffset(input.Now.Offset))}, {settings.PauseMinutes} minutes after the last run.");
        if (input.Now.Hour == settings.Hour)
            return new(IsDue: true, $"{ready}, and it is the hour for it: training starts.");
        if (settings.IdleMinutes == 0 || input.Now - input.IdleSince >= TimeSpan.FromMinutes(settings.IdleMinutes))
            return new(IsDue: true, $"{ready}, and nobody chats: training starts.");
        string latest = settings.Hour >= 0 ? $", at the latest at {settings.Hour:00}:00" : "";
        return NotYet($"{ready}; training starts when nobody has chatted for {settings.IdleMinutes} minutes{latest}.");
    }

    private static PolicyDecision NotYet(string reason) => new(IsDue: false, reason);

    private static string Count(long examples) => examples == 1 ? "1 new example is" : $"{examples} new examples are";

    private static string Removed(long examples) => examples == 1 ? "1 learned example was taken back" : $"{examples} learned examples were taken back";

    private static string Tried(Run? last) => last?.Status switch
    {
        RunStatus.Refused => "the last run was refused",
        RunStatus.Failed => "the last run failed",
        RunStatus.Cancelled => "the last run was cancelled",
        _ => $"version {last?.Version}, which learned them, is not in service",
    };

    private static string Clock(DateTimeOffset time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}
