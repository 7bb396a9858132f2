using System.ComponentModel.DataAnnotations;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Talks;

/// <summary>Section <c>Talks</c>: talks that outgrow the model's context.</summary>
internal sealed class TalkSettings
{
    public const string Section = "Talks";

    /// <summary>What <c>"truncation": "auto"</c> does where the assistant does not say; auto: a model that can summarise does, a smaller one drops.</summary>
    [AllowedValues(Truncations.Auto, Truncations.Drop, Truncations.Summary)]
    public string Truncation { get; init; } = Truncations.Auto;

    public const string Rules = "rules", Model = "model", Off = "off";

    /// <summary>
    /// How the page learns that a message says how the reply before should have been, so that it asks "Shall I remember this?": rules (by its words, English
    /// and Spanish), model (the model is asked), off.
    /// </summary>
    [AllowedValues(Rules, Model, Off)]
    public string FollowUps { get; init; } = Rules;

    /// <summary>With model: its probability of yes from which on it counts.</summary>
    [Range(0.0, 1.0)]
    public double FollowUpThreshold { get; init; } = 0.5;
}
