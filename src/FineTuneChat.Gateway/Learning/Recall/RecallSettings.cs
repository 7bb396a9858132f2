using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>Section <c>Learning</c>: what is done with corrections before a run has learned them.</summary>
internal sealed class RecallSettings
{
    public const string Section = "Learning";

    /// <summary>A correction that answers a new question is put before it, until the version in service has learned it.</summary>
    public bool Recall { get; init; } = true;

    /// <summary>Share of the model's context that recalled corrections may take.</summary>
    [Range(0.01, 0.5)]
    public double RecallShare { get; init; } = 0.1;
}
