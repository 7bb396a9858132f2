using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>English or Spanish, by the small words that each has and the other has not. Pure.</summary>
internal static partial class ReplyLanguage
{
    private static readonly HashSet<string> English =
        [.. "the of and to is in an that for it with on are was were you your this be at my not by from have has can will what how i we they".Split(' ')];

    private static readonly HashSet<string> Spanish =
        [.. "el la los las de del que es en un una por para con se su y está están son muy mi como más al lo le te yo tú qué sí pero fue ser hay".Split(' ')];

    /// <summary>"en" or "es"; null where neither can be told.</summary>
    public static string? Of(string? text)
    {
        string[] words = [.. Word().Matches(text ?? "").Select(m => m.Value.ToLowerInvariant())];
        int english = words.Count(English.Contains), spanish = words.Count(Spanish.Contains);
        return english > spanish ? "en" : spanish > english ? "es" : null;
    }

    [GeneratedRegex(@"\p{L}+")]
    private static partial Regex Word();
}
