using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Learning.FollowUps;

/// <summary>What a follow-up could teach: the first question, answered by the reply that came when the user had said how it should be.</summary>
internal sealed record FollowUp
{
    public string Object => "follow_up";

    /// <summary>The better reply.</summary>
    public required string CompletionId { get; init; }

    /// <summary>Whether the last message said how the reply before it should have been: then the user may be asked.</summary>
    public required bool IsSuggested { get; init; }

    /// <summary>What was asked first; null where nothing was, before the last message.</summary>
    public required string? Question { get; init; }

    /// <summary>What it would be answered with.</summary>
    public required string? Reply { get; init; }

    /// <summary>The example that it became; null: the user has not said yes.</summary>
    public required string? ExampleId { get; init; }
    [AllowedValues(Examples.ExampleStatus.Accepted, Examples.ExampleStatus.Excluded, Examples.ExampleStatus.Withdrawn)]
    public required string? ExampleStatus { get; init; }
}
