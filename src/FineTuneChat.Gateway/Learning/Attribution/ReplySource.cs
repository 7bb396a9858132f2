using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Gateway.Learning.Attribution;

/// <summary>An example that a reply comes from.</summary>
internal sealed record ReplySource
{
    public const string Recalled = "recalled", Learned = "learned";

    public string Object => "reply.source";
    public required string ExampleId { get; init; }

    /// <summary>Recalled: it stood before the question. Learned: the version was taught it, and question and reply share its words.</summary>
    [AllowedValues(Recalled, Learned)] public required string How { get; init; }

    /// <summary>How much they share, 0 to 1; 1 where it was recalled.</summary>
    public required double Score { get; init; }
    public required string Question { get; init; }
    public required string Reply { get; init; }

    /// <summary>Now: it may have been set aside since.</summary>
    [AllowedValues(ExampleStatus.Accepted, ExampleStatus.Unwanted, ExampleStatus.Excluded, ExampleStatus.Withdrawn)]
    public required string Status { get; init; }
}
