namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>What may be wrong with a reply that is rated down: a closed list, so that each can be acted on.</summary>
internal static class Reasons
{
    public const string TooLong = "too_long";
    public const string Wrong = "wrong";
    public const string WrongLanguage = "wrong_language";
    public const string Tone = "tone";

    /// <summary>It refused what was asked.</summary>
    public const string Refused = "refused";

    public static IReadOnlyList<string> All { get; } = [TooLong, Wrong, WrongLanguage, Tone, Refused];
}
