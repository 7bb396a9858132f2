using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>A version of an assistant: an immutable file and where it came from. <c>created_at</c> in Unix seconds on the wire.</summary>
internal sealed record ModelVersion
{
    public required int Number { get; init; } // 0: the base as it came
    public string Object => "version";

    /// <summary>Whose it is.</summary>
    public string Assistant { get; init; } = AssistantNames.Default;
    public required bool Active { get; init; }
    public required long CreatedAt { get; init; }

    /// <summary>Name of the model that it was trained from.</summary>
    public required string Base { get; init; }
    public required string BaseSha256 { get; init; }
    public required string? RunId { get; init; }

    /// <summary>Below the data folder; the base's own file name for number 0.</summary>
    public required string File { get; init; }

    /// <summary>Below the data folder; null where it is merged into the file.</summary>
    public required string? Adapter { get; init; }
    public required string Type { get; init; }

    /// <summary>Of the file, or of the adapter where there is one: what was measured is what serves. Null for the base and what older programs wrote.</summary>
    public string? Sha256 { get; init; }
    public required long Bytes { get; init; }
    [WireType(typeof(IReadOnlyDictionary<string, GateFigure>))] public required JsonElement Figures { get; init; }

    /// <summary>What the gate said of it: <see cref="VersionStatus"/>. A refused one serves only when a person asks for it.</summary>
    [AllowedValues(VersionStatus.Accepted, VersionStatus.Refused)] public string Status { get; init; } = VersionStatus.Accepted;

    /// <summary>The gate's verdict with its reasons; null for the base.</summary>
    public GateVerdict? Gate { get; init; }

    /// <summary>Why it was taken out of service by itself; null: nothing is known against it.</summary>
    public string? Problem { get; init; }

    /// <summary>When its files were deleted (Unix seconds); null while they are there.</summary>
    public long? RemovedAt { get; init; }

    /// <summary>For which erasure they were deleted: it had learned what was erased. Null where they are there, or went for another reason.</summary>
    public string? Erasure { get; init; }

    /// <summary>Why nobody may delete its files: <see cref="VersionKept"/>; null for all others.</summary>
    [AllowedValues(VersionKept.Base, VersionKept.InService, VersionKept.Rollback)] public string? Kept { get; init; }
}

internal static class VersionStatus
{
    public const string Accepted = "accepted";
    public const string Refused = "refused";
}

internal static class VersionKept
{
    public const string Base = "base";
    public const string InService = "in_service";

    /// <summary>It served before the one in service. The base needs none: whoever wants to be rid of a version can always go back to that.</summary>
    public const string Rollback = "way_back";

    /// <summary>Why, and what to do; null for a version that may go.</summary>
    public static string? Describe(ModelVersion version) => version.Kept switch
    {
        Base => "Version 0 is the base model itself.",
        InService => $"Version {version.Number} is in service. Put another in service first.",
        Rollback => $"Version {version.Number} served before the one in service and is the way back from it. "
            + "Put version 0 or any other but this one in service first.",
        _ => null,
    };
}
