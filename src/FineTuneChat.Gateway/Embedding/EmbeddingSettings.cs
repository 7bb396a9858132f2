using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Embedding;

/// <summary>Section <c>Embedding</c>: the model that turns texts into vectors.</summary>
internal sealed class EmbeddingSettings
{
    public const string Section = "Embedding";

    /// <summary>Off: no process of its own, no model <c>minilm</c>; corrections are recalled by their words alone.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Its process ends when nobody has asked it for so long; the next question starts it again.</summary>
    [Range(1, 1440)]
    public int IdleMinutes { get; init; } = 10;

    /// <summary>How long a chat waits for the vector of its question; when it takes longer, words alone decide what is recalled.</summary>
    [Range(1, 10_000)]
    public int QuestionMilliseconds { get; init; } = 50;
}
