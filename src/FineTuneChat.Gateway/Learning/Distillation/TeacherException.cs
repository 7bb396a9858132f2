namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>The teacher cannot be reached or refuses; the message says what to do.</summary>
internal sealed class TeacherException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the next question will fare no better: a wrong key, an unknown model, no server.</summary>
    public bool IsHopeless { get; init; }
}
