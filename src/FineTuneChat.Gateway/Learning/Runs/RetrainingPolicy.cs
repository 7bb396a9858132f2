using System.Globalization;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>The policy as <c>GET /api/training</c> shows it.</summary>
internal sealed record PolicyState(bool Enabled, int MinNewExamples, string Reason, ReasonCode ReasonCode);

/// <summary>What the decision hangs on.</summary>
internal sealed record PolicyInput
{
    public required Waiting Waiting { get; init; }
    public required bool IsRunning { get; init; }

    /// <summary>Whether a run may start by itself at all.</summary>
    public required bool IsAutomatic { get; init; }

    /// <summary>The last run that ended; null before the first.</summary>
    public required Run? Last { get; init; }

    /// <summary>In local time: the hour counts.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Since when nobody chats; null while somebody does.</summary>
    public required DateTimeOffset? IdleSince { get; init; }
}

/// <summary>Whether a run starts by itself now, and in words why (not yet).</summary>
internal sealed record PolicyDecision(bool IsDue, Reason Reason);

/// <summary>Is it time to learn, may one start now, and why (not). Pure.</summary>
internal static class RetrainingPolicy
{
    /// <summary>Why a run asked for cannot start; null when it can.</summary>
    public static Reason? Refusal(Waiting waiting, bool hasOptions)
    {
        if (waiting is { Examples: 0, Removed: > 0 })
            return Reason.Of(
                "all_removed",
                "Everything that the version in service learned was taken back, and nothing else is accepted: put version 0 in service to be without it.");
        if (waiting.Examples == 0)
            return Reason.Of("nothing", "There is nothing to learn yet: rate a reply up, or write a better one.");
        if (waiting is { New: 0, Removed: 0 } && !hasOptions)
            return Reason.Of(
                "nothing_new", $"There is nothing new to learn: the version in service has learned all {waiting.Examples} examples.",
                ("examples", waiting.Examples));
        return null;
    }

    /// <summary>
    /// A run starts by itself when enough examples wait that no run has tried yet, the last run is long enough ago, and nobody chats or the hour
    /// has come. Data that a run was refused for (or failed on, or that the user rolled back) is not tried again on its own.
    /// </summary>
    public static PolicyDecision Decide(RetrainingSettings settings, PolicyInput input)
    {
        Waiting waiting = input.Waiting;
        (string Name, double Value) news = ("new", waiting.New), removed = ("removed", waiting.Removed), least = ("min", settings.MinNewExamples);
        string ready = $"{Count(waiting.New)} ready", waits = waiting.New > 0 ? ready : Removed(waiting.Removed);
        if (input.IsRunning)
            return NotYet("running", "A run is under way.");
        if (Refusal(waiting, hasOptions: false) is { } refusal)
            return new(IsDue: false, refusal);
        if (!input.IsAutomatic)
            return NotYet(waiting.New > 0 ? "manual" : "removed", $"{waits}; training starts when you say so.", news, removed);
        if (waiting.New < settings.MinNewExamples)
            return NotYet(
                waiting.New > 0 ? "too_few" : "removed", $"{waits}; training starts by itself at {settings.MinNewExamples}.",
                news, removed, least, ("missing", settings.MinNewExamples - waiting.New));
        if (settings.MinNewExamples - waiting.SinceLastRun is > 0 and long missing)
            return NotYet(
                $"tried_{Tried(input.Last)}", $"{ready}, but {TriedInWords(input.Last)}; training starts by itself after {missing} more.",
                news, ("missing", missing), ("version", input.Last?.Version ?? 0));
        if (input.Last?.FinishedAt is { } finished
            && DateTimeOffset.FromUnixTimeSeconds(finished).AddMinutes(settings.PauseMinutes) is var earliest && input.Now < earliest)
            return NotYet(
                "pause",
                $"{ready}; training may start by itself at {Clock(earliest.ToOffset(input.Now.Offset))}, {settings.PauseMinutes} minutes after the last run.",
                news, ("until", earliest.ToUnixTimeSeconds()), ("minutes", settings.PauseMinutes));
        if (input.Now.Hour == settings.Hour)
            return new(IsDue: true, Reason.Of("hour", $"{ready}, and it is the hour for it: training starts.", news));
        if (settings.IdleMinutes == 0 || input.Now - input.IdleSince >= TimeSpan.FromMinutes(settings.IdleMinutes))
            return new(IsDue: true, Reason.Of("quiet", $"{ready}, and nobody chats: training starts.", news));
        return settings.Hour >= 0
            ? NotYet(
                "chat_until_hour",
                $"{ready}; training starts when nobody has chatted for {settings.IdleMinutes} minutes, at the latest at {settings.Hour:00}:00.",
                news, ("minutes", settings.IdleMinutes), ("hour", settings.Hour))
            : NotYet("chat", $"{ready}; training starts when nobody has chatted for {settings.IdleMinutes} minutes.", news, ("minutes", settings.IdleMinutes));
    }

    private static PolicyDecision NotYet(string code, string text, params (string Name, double Value)[] values) =>
        new(IsDue: false, Reason.Of(code, text, values));

    private static string Count(long examples) => examples == 1 ? "1 new example is" : $"{examples} new examples are";

    private static string Removed(long examples) => examples == 1 ? "1 learned example was taken back" : $"{examples} learned examples were taken back";

    private static string Tried(Run? last) => last?.Status is RunStatus.Refused or RunStatus.Failed or RunStatus.Cancelled ? last.Status : "replaced";

    private static string TriedInWords(Run? last) => Tried(last) switch
    {
        RunStatus.Refused => "the last run was refused",
        RunStatus.Failed => "the last run failed",
        RunStatus.Cancelled => "the last run was cancelled",
        _ => $"version {last?.Version}, which learned them, is not in service",
    };

    private static string Clock(DateTimeOffset time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}
