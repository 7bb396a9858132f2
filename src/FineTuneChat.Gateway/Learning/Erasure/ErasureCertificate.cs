using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>What became of something that was erased after a run had used it. It holds no text. Times are Unix seconds.</summary>
internal sealed record ErasureCertificate
{
    public required string Id { get; init; }
    public string Object => "erasure";
    [AllowedValues(ErasureStatus.Pending, ErasureStatus.Done, ErasureStatus.Failed)] public required string Status { get; init; }

    /// <summary>What it waits for, or why it failed and what to do; null: nothing to say.</summary>
    public string? Reason { get; init; }
    public required long CreatedAt { get; init; }
    public long? FinishedAt { get; init; }

    /// <summary>What was deleted.</summary>
    [AllowedValues(ErasedKind.Conversation, ErasedKind.Completion, ErasedKind.Import)] public required string Kind { get; init; }

    /// <summary>Its examples that runs had used.</summary>
    public required IReadOnlyList<ErasedExample> Examples { get; init; }

    /// <summary>Versions that had learned them.</summary>
    public required IReadOnlyList<int> HeldBy { get; init; }

    /// <summary>The run whose version serves instead; null where the base serves, and as long as nothing does.</summary>
    public string? Run { get; init; }

    /// <summary>The version that serves instead; 0: the base.</summary>
    public int? Version { get; init; }

    /// <summary>Files and folders that were deleted, below the data folder.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Whether that version still says what was erased; null as long as it was not asked.</summary>
    public ErasedReplies? Replies { get; init; }

    /// <summary>Whether any file still has it; null as long as none was searched.</summary>
    public SearchedFiles? Search { get; init; }
}

/// <summary>An erased example.</summary>
/// <param name="Sha256">Of the JSON of its messages, as it was stored.</param>
/// <param name="Source">Where it came from.</param>
internal sealed record ErasedExample(
    string Sha256, [property: AllowedValues("rating", "rejection", "correction", "follow_up", "edit", "import")] string Source);

/// <summary>What the version in service says of erased replies.</summary>
/// <param name="Asked">Examples it was asked about.</param>
/// <param name="Note">Why others were not asked about; null: all were.</param>
/// <param name="Figures">Of each.</param>
internal sealed record ErasedReplies(int Asked, string? Note, IReadOnlyList<ErasedReplyFigures> Figures);

/// <summary>How likely an erased reply still is.</summary>
internal sealed record ErasedReplyFigures
{
    public required string Sha256 { get; init; }

    /// <summary>Nats per token, under the version that serves.</summary>
    public required double Loss { get; init; }

    /// <summary>Under the base, which never learned it.</summary>
    public required double BaseLoss { get; init; }

    /// <summary>Whether it is the most probable reply of the version that serves.</summary>
    public required bool Written { get; init; }

    /// <summary>Whether it is that of the base.</summary>
    public required bool BaseWritten { get; init; }

    /// <summary>Replies that were drawn as served.</summary>
    public required int Samples { get; init; }

    /// <summary>Those of them that are the erased one.</summary>
    public required int Drawn { get; init; }

    /// <summary>The same of the base.</summary>
    public required int BaseDrawn { get; init; }

    public static ErasedReplyFigures Of(ErasedReply reply) => new()
    {
        Sha256 = reply.Sha256,
        Loss = reply.Candidate.Loss,
        BaseLoss = reply.Base.Loss,
        Written = reply.Candidate.Written?.Right == true,
        BaseWritten = reply.Base.Written?.Right == true,
        Samples = reply.Candidate.Written?.Draws ?? 0,
        Drawn = reply.Candidate.Written?.RightDraws ?? 0,
        BaseDrawn = reply.Base.Written?.RightDraws ?? 0,
    };
}

internal static class ErasureStatus
{
    /// <summary>A version that has learned it still serves, or what follows is not done yet.</summary>
    public const string Pending = "pending";
    public const string Done = "done";
    public const string Failed = "failed";
}

/// <summary>What can be erased.</summary>
internal static class ErasedKind
{
    public const string Conversation = "conversation";
    public const string Completion = "chat.completion";
    public const string Import = "dataset.import";
}
