using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>
/// How a model is asked for other wordings of a question, and which of them are taken. Pure. A fact that is learned in one wording is known in that wording;
/// learned in many, it is known (Ovadia et al. 2023, arXiv 2312.05934, section 6).
/// </summary>
internal static partial class RewordingRules
{
    /// <summary>A longer question is a text to work on, such as a report to read: it is not asked in other words.</summary>
    private const int LongestQuestion = 200;

    private const int Most = 8, FewestToSpareOne = 4;
    private const double KeptWords = 0.5; // of those that carry meaning
    private const int LongReply = 40; // words: a shorter one says one thing
    private const double SharedWords = 0.5; // of two long replies that say the same

    /// <summary>The question that other words may be found for; null where there is none.</summary>
    public static string? Question(Example example) =>
        example.Tools is null && example.Messages is [.., { Role: "user", Content: { } text }, _] && text.Trim() is var question
            && IsQuestion(question)
            ? question
            : null;

    /// <summary>Whether other words can be found for a text: a line, not a page.</summary>
    public static bool IsQuestion(string text) => text.Length is > 0 and <= LongestQuestion && !text.Contains('\n');

    /// <summary>The same example, asked in other words.</summary>
    public static IReadOnlyList<RequestMessage> Reworded(Example example, string question) =>
        [.. example.Messages.SkipLast(2), example.Messages[^2] with { Content = question }, example.Messages[^1]];

    /// <summary>What a model is asked, in the language of the question.</summary>
    public static string Request(string question, int count) => KeyWords.IsSpanish(question)
        ? $"Escribe {count} maneras más de preguntar: {question}"
        : $"Write {count} other ways to ask: {question}";

    /// <summary>The good ones among the lines of a reply, each once, at most <paramref name="count"/>.</summary>
    public static IReadOnlyList<string> Read(string question, string reply, int count) =>
    [
        .. reply.Split('\n').Select(line => ListMark().Replace(line, "").Trim().Trim('"', '“', '”')).Where(line => IsGood(question, line))
            .DistinctBy(DedupKey.OfQuestion).Take(count),
    ];

    /// <summary>The wording that is not learned, always the same one; null where there are too few to spare one. Key words are no wording.</summary>
    public static string? HeldOut(string question, IReadOnlyList<string> wordings)
    {
        string[] asked = [.. wordings.Where(text => text != KeyWords.Of(question).Text)];
        return asked.Length < FewestToSpareOne ? null : asked.MinBy(SplitRules.Fraction);
    }

    /// <summary>
    /// Whether a wording may stand for the question: another one that keeps its names and numbers, most words that carry meaning, and who is speaking.
    /// </summary>
    public static bool IsGood(string question, string wording)
    {
        if (wording.Length is 0 or > LongestQuestion || wording.Length > 40 + (2 * question.Length)
            || DedupKey.OfQuestion(wording) == DedupKey.OfQuestion(question))
            return false;
        string[] said = KeyWords.WordsIn(wording), asked = KeyWords.WordsIn(question);
        if (KeyWords.NamesIn(question).Except(said.Select(KeyWords.Small)).Any() || KeyWords.NamesIn(wording).Except(asked.Select(KeyWords.Small)).Any())
            return false;
        if (IsOfSpeaker(question) != IsOfSpeaker(wording))
            return false;
        string[] stems = [.. asked.Where(KeyWords.CarriesMeaning).Select(Stem).Distinct()];
        return stems.Length == 0 || stems.Count(said.Select(Stem).Contains) >= KeptWords * stems.Length;
    }

    /// <summary>Whether a question is about the one who asks it: "our shop".</summary>
    public static bool IsOfSpeaker(string question) => Speaker().IsMatch(question);

    /// <summary>
    /// Whether a model's replies to two questions say the same, so that the questions ask the same: a model that does not know when a shop opens does not know
    /// something else than when it closes.
    /// </summary>
    public static bool SayTheSame(string one, string other)
    {
        string[] words = [.. KeyWords.WordsIn(one).Select(KeyWords.Small)], others = [.. KeyWords.WordsIn(other).Select(KeyWords.Small)];
        if (words.Length <= LongReply || others.Length <= LongReply)
            return words.SequenceEqual(others);
        return words.Intersect(others).Count() >= SharedWords * words.Union(others).Count();
    }

    /// <summary>What is wrong with wordings that somebody gives; null: nothing.</summary>
    public static string? Problem(IReadOnlyList<Rewording> wordings) =>
        wordings.Count > Most ? $"'rewordings' has {wordings.Count} entries; at most {Most} are learned."
        : wordings.Any(w => string.IsNullOrWhiteSpace(w.Text) || w.Text.Length > LongestQuestion)
            ? $"A rewording's 'text' has 1 to {LongestQuestion} characters."
        : null;

    private static string Stem(string word) => KeyWords.Small(word) is var small && small.Length > 4 ? small[..4] : small;

    [GeneratedRegex(@"^\s*(?:[-*•]|\d{1,2}[.)])\s+")]
    private static partial Regex ListMark();

    [GeneratedRegex(@"\b(?:my|our|we|us|mi|mis|nuestr[oa]s?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Speaker();
}
