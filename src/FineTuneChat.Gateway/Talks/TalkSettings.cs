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
}
