namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>What a teacher wrote.</summary>
/// <param name="Text">Null where it was cut off, refused or empty: no example of a good reply.</param>
/// <param name="PromptTokens">That it read.</param>
/// <param name="ReplyTokens">That it wrote.</param>
internal sealed record TeacherReply(string? Text, long PromptTokens, long ReplyTokens)
{
    /// <summary>What was written, be it cut off.</summary>
    public string Written { get; init; } = Text ?? "";
}
