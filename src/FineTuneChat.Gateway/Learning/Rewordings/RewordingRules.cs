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

    private const int Most = 8;
    private const double KeptWords = 0.5; // of those that carry meaning
    private const int LongReply = 40; // words: a shorter one says one thing
    private const double SharedWords = 0.5; // of two long replies that say the same

    /// <summary>The question that other words may be found for; null where there is none.</summary>
    public static string? Question(Example example) =>
        example.Tools is null && example.Messages is [.., { Role: "user", Content: { } text }, _] && text.Trim() is var question
            && question.Length is > 0 and <= LongestQuestion && !question.Contains('\n')
            ? question
            : null;

    /// <summary>The same example, asked in other words.</summary>
    public static IReadOnlyList<RequestMessage> Reworded(Example example, string question) =>
        [.. example.Messages.SkipLast(2), example.Messages[^2] with { Content = question }, example.Messages[^1]];

    /// <summary>What a model is asked, in the language of the question.</summary>
    public static string Request(string question, int count) => SpanishWords().IsMatch(question)
        ? $"Escribe {count} maneras más de preguntar: {question}"
        : $"Write {count} other ways to ask: {question}";

    /// <summary>The good ones among the lines of a reply, each once, at most <paramref name="count"/>.</summary>
    public static IReadOnlyList<string> Read(string question, string reply, int count) =>
    [
        .. reply.Split('\n').Select(line => ListMark().Replace(line, "").Trim().Trim('"', '“', '”')).Where(line => IsGood(question, line))
            .DistinctBy(DedupKey.OfQuestion).Take(count),
    ];

    /// <summary>
    /// Whether a wording may stand for the question: another one that keeps its names and numbers, most words that carry meaning, and who is speaking.
    /// </summary>
    public static bool IsGood(string question, string wording)
    {
        if (wording.Length is 0 or > LongestQuestion || wording.Length > 40 + (2 * question.Length) || DedupKey.OfQuestion(wording) == DedupKey.OfQuestion(question))
            return false;
        string[] said = Words(wording), asked = Words(question);
        if (Names(question).Except(said.Select(Small)).Any() || Names(wording).Except(asked.Select(Small)).Any())
            return false;
        if (Speaker().IsMatch(question) != Speaker().IsMatch(wording))
            return false;
        string[] stems = [.. asked.Where(CarriesMeaning).Select(Stem).Distinct()];
        return stems.Length == 0 || stems.Count(said.Select(Stem).Contains) >= KeptWords * stems.Length;
    }

    /// <summary>
    /// Wordings that need no model: the words of the question that carry meaning, as people type who are in a hurry, alone and in a few sentences. They teach
    /// that it is these words that count. None where there are no two such words.
    /// </summary>
    public static IReadOnlyList<string> Plain(string question)
    {
        HashSet<string> names = [.. Names(question)];
        string[] all = Words(question), kept = [.. all.Where(word => CarriesMeaning(word) || names.Contains(Small(word)))];
        if (kept.Length < 2)
            return [];
        string words = string.Join(' ', kept);
        IEnumerable<string> sentences = (SpanishWords().IsMatch(question) ? SpanishFrames : EnglishFrames)
            .Select(frame => frame.Replace("{s}", words, StringComparison.Ordinal).Replace("{q}", question, StringComparison.Ordinal));
        return [.. kept.Length < all.Length ? sentences.Prepend(words) : sentences];
    }

    /// <summary>
    /// Whether a model's replies to two questions say the same, so that the questions ask the same: a model that does not know when a shop opens does not know
    /// something else than when it closes.
    /// </summary>
    public static bool SayTheSame(string one, string other)
    {
        string[] words = [.. Words(one).Select(Small)], others = [.. Words(other).Select(Small)];
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

    private static readonly string[] EnglishFrames =
        ["Tell me about {s}.", "I need {s}.", "{s}, please", "I have a question about {s}.", "What about {s}?", "{s}: {q}"];

    private static readonly string[] SpanishFrames =
        ["Háblame de {s}.", "Necesito {s}.", "{s}, por favor", "Tengo una pregunta sobre {s}.", "¿Y {s}?", "{s}: {q}"];

    private static string[] Words(string text) => [.. Word().Matches(text).Select(m => m.Value)];

    /// <summary>In small letters: what has a digit or a mark in it, and what has a capital without being the first word.</summary>
    private static IEnumerable<string> Names(string text) => Word().Matches(text)
        .Where((m, i) => m.Value.Any(c => char.IsDigit(c) || c is '@' or '_' or '/' or '-') || (i > 0 && char.IsUpper(m.Value[0]) && m.Value != "I"))
        .Select(m => m.Value.ToLowerInvariant());

    private static bool CarriesMeaning(string word) => word.Length > 3 && !Common.Contains(word.ToLowerInvariant());

    private static string Small(string word) => word.ToLowerInvariant();

    private static string Stem(string word) => word.ToLowerInvariant() is var small && small.Length > 4 ? small[..4] : small;

    private static readonly HashSet<string> Common =
    [
        .. ("what when where which who whom whose does have know tell would could should please give need this that with from about there many much long "
            + "like want some your time "
            + "cuál cuándo dónde quién cómo cuánto cuánta cuántos cuántas tiene sabes puedes decirme dime dame quiero saber necesito para sobre este "
            + "esta qué hora desde hasta podrías gustaría").Split(' '),
    ];

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:[-_@./'’][\p{L}\p{N}]+)*")]
    private static partial Regex Word();

    [GeneratedRegex(@"^\s*(?:[-*•]|\d{1,2}[.)])\s+")]
    private static partial Regex ListMark();

    [GeneratedRegex(@"\b(?:my|our|we|us|mi|mis|nuestr[oa]s?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Speaker();

    [GeneratedRegex(@"[¿¡áéíóúñ]|\b(?:el|la|los|las|es|de|del|que|dime|dame|un|una|por|mi|como|cuando|donde|quien)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SpanishWords();
}
