using System.Reflection;
using System.Text.RegularExpressions;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.FollowUps;

/// <summary>
/// Which messages say how the reply before them should have been ("no, I meant …", "shorter", "en español", "that's wrong, it's 9"), by their words, in
/// English and Spanish. Pure. How often they are right: docs/learning.md.
/// </summary>
internal static partial class FollowUpRules
{
    private const int MostCharacters = 200; // a longer message is a task of its own
    private const string NoQuestion = "Q!";
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1);
    private static readonly Regex Patterns = ReadPatterns();

    /// <summary>Whether a message corrects, or asks to reshape, the reply before it.</summary>
    public static bool IsFollowUp(string message)
    {
        string said = message.Trim();
        return said.Length is > 0 and <= MostCharacters && !Thanks().IsMatch(said) && Patterns.IsMatch(said);
    }

    /// <summary>
    /// What was asked in the first place, with all that stands before it: without the reply that was not wanted, and follow-ups in between. Null where there
    /// is no question and reply before the last message.
    /// </summary>
    /// <param name="seen">What the model saw, the follow-up last.</param>
    public static IReadOnlyList<RequestMessage>? Question(IReadOnlyList<RequestMessage> seen)
    {
        int count = seen.Count;
        do
        {
            if (count < 3 || seen[count - 3] is not { Role: "user", Content: not null }
                || seen[count - 2] is not { Role: "assistant", Content: not null, ToolCalls: null } || seen[count - 1].Role != "user")
                return null;
            count -= 2;
        }
        while (count >= 3 && IsFollowUp(seen[count - 1].Content!));
        return [.. seen.Take(count)];
    }

    /// <summary>The better reply as it would have been the first time: without "You're right," and "Sorry, …" before it.</summary>
    public static string Target(string reply)
    {
        string target = Apology().Replace(reply.Trim(), "", 1).Trim();
        return target.Length > 0 ? char.ToUpperInvariant(target[0]) + target[1..] : reply.Trim();
    }

    [GeneratedRegex(@"^(?:no,?\s+)?(?:many\s+)?(?:thanks|thank you|gracias|muchas gracias)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Thanks();

    private static Regex ReadPatterns()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("follow-ups.txt")!);
        IEnumerable<string> patterns = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.StartsWith(NoQuestion, StringComparison.Ordinal) ? $@"(?!.*\?\s*$)(?:{line[NoQuestion.Length..]})" : $"(?:{line})");
        return new Regex(string.Join('|', patterns), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, MostTime);
    }

    [GeneratedRegex(
        @"^(?:(?:(?:you(?:'re| are) (?:absolutely |quite )?right|i(?:'m| am) (?:so |very )?sorry|sorry|my (?:mistake|apologies)|i apologi[sz]e|apologies"
        + @"|tienes (?:toda la )?raz[óo]n|lo siento|perd[óo]na?|disculpa|mis disculpas)\b[^.!?:,\n]*[.!?:,]"
        + @"|(?:of course|sure|certainly|got it|por supuesto|claro(?: que s[íi])?)\s*[.!:,]"
        + @"|(?:here (?:it is|you go)|aqu[íi] (?:tienes|va|est[áa]))\b[^.!?:\n]*[.!:])\s*)+",
        RegexOptions.IgnoreCase)]
    private static partial Regex Apology();
}
