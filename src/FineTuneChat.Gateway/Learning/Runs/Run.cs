using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>One attempt to learn, from "Train now" to the new version in service or the reason why not. Times are Unix seconds.</summary>
internal sealed record Run
{
    public required string Id { get; init; }
    public string Object => "run";

    /// <summary>Whose it is.</summary>
    public required string Assistant { get; init; }
    [AllowedValues(
        RunStatus.Queued, RunStatus.Preparing, RunStatus.Training, RunStatus.Exporting, RunStatus.Evaluating, RunStatus.Succeeded,
        RunStatus.Refused, RunStatus.Failed,
        RunStatus.Cancelled)]
    public required string Status { get; init; }
    public required long CreatedAt { get; init; }
    public long? FinishedAt { get; init; }

    /// <summary>Accepted examples that it trains on.</summary>
    public int Examples { get; init; }

    /// <summary>Accepted examples that it is only measured on.</summary>
    public int HeldOut { get; init; }
    public RunProgress? Progress { get; init; }
    public GateVerdict? Gate { get; init; }

    /// <summary>The version that came of it; of a refused run one that does not serve by itself.</summary>
    public int? Version { get; init; }
    public string? Error { get; init; }
    public required RunOptions Options { get; init; }

    /// <summary>Only where one run is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<CurvePoint>? Curve { get; init; }

    /// <summary>Times that it was begun: more than once after a crash.</summary>
    [JsonIgnore] public int Attempts { get; init; }
}

/// <summary>What the trainer last told.</summary>
internal sealed record RunProgress
{
    public required int Step { get; init; }
    public required int Steps { get; init; }
    public double? Loss { get; init; }
    public double? ValLoss { get; init; }
    public double? TokensPerSecond { get; init; }
    public double? SecondsLeft { get; init; }
}

internal sealed record CurvePoint
{
    public required int Step { get; init; }
    public required double? Loss { get; init; }
    public required double? ValLoss { get; init; }

    /// <summary>Milliseconds since 1970; null: not known any more.</summary>
    [JsonIgnore] public long? At { get; init; }
}

internal static class RunStatus
{
    public const string Queued = "queued";
    public const string Preparing = "preparing";
    public const string Training = "training";
    public const string Exporting = "exporting";
    public const string Evaluating = "evaluating";
    public const string Succeeded = "succeeded";
    public const string Refused = "refused";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static bool IsFinished(string status) => status is Succeeded or Refused or Failed or Cancelled;
}
