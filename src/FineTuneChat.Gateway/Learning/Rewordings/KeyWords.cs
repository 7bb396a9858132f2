using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;
using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>
/// The words of a question that carry meaning, as people type who are in a hurry, and sentences around them. A small model knows a question by its wording:
/// what it learned for "Who repairs the coffee machine?" it does not find for "The coffee machine is broken." Learned in many sentences that have nothing in
/// common but these words, it is found by them (as by word dropout: Iyyer et al. 2015, ACL P15-1162). Pure.
/// </summary>
/// <param name="Words">In the question's order.</param>
/// <param name="Names">Those of them, in small letters, that are names or numbers: they are never left out.</param>
internal sealed partial record KeyWords(IReadOnlyList<string> Words, IReadOnlySet<string> Names)
{
    /// <summary>More of them are a task or a text, not a question.</summary>
    private const int Most = 8;

    private const double Shorter = 0.5, Shuffled = 0.2; // of the sentences
    private static readonly string[] English = Sentences("en"), Spanish = Sentences("es");

    /// <summary>The words alone.</summary>
    public string Text => string.Join(' ', Words);

    /// <summary>Whether they say what is asked: two words, or a name.</summary>
    public bool AreEnough => Words.Count <= Most && (Words.Count > 1 || Names.Count > 0);

    public static KeyWords Of(string question)
    {
        HashSet<string> names = [.. NamesIn(question)];
        return new([.. WordsIn(question).Where(word => CarriesMeaning(word) || names.Contains(Small(word)))], names);
    }

    /// <summary>
    /// Different sentences around the words, always the same ones for a question; in some a word is left out, in some they stand in another order. Around the
    /// whole question where its words alone are too few; none for a task.
    /// </summary>
    /// <param name="question">Where they stand.</param>
    /// <param name="count">The most sentences.</param>
    /// <param name="others">Those of the other questions: words that are all among another question's would mean that, too.</param>
    public IReadOnlyList<string> SentencesFor(string question, int count, IReadOnlyCollection<IReadOnlySet<string>> others)
    {
        if (Words.Count > Most)
            return [];
        var random = new Random(unchecked((int)SplitRules.Hash(question)));
        string[] frames = [.. (IsSpanish(question) ? Spanish : English).Where(frame => AreEnough || !frame.Contains("{words}", StringComparison.Ordinal))];
        random.Shuffle(frames);
        return
        [
            .. frames.Select(frame => (Frame: frame, Said: Vary(random)))
                .Where(s => !AreEnough || !others.Any(other => s.Said.All(word => other.Contains(Small(word)))))
                .Select(s => s.Frame.Replace("{words}", string.Join(' ', s.Said), StringComparison.Ordinal)
                    .Replace("{question}", question, StringComparison.Ordinal))
                .DistinctBy(DedupKey.OfQuestion).Take(count),
        ];
    }

    /// <summary>In small letters, to be compared.</summary>
    public IReadOnlySet<string> ToSet() => Words.Select(Small).ToFrozenSet();

    /// <summary>All words of a text.</summary>
    public static string[] WordsIn(string text) => [.. Word().Matches(text).Select(m => m.Value)];

    /// <summary>In small letters: what has a digit or a mark in it, and what has a capital without beginning a sentence.</summary>
    public static IEnumerable<string> NamesIn(string text) => Word().Matches(text)
        .Where(m => m.Value.Any(c => char.IsDigit(c) || c is '@' or '_' or '/' or '-')
            || (char.IsUpper(m.Value[0]) && m.Value != "I" && !BeginsSentence(text, m.Index)))
        .Select(m => Small(m.Value));

    public static bool CarriesMeaning(string word) => word.Length > 2 && !Common.Contains(Small(word));

    /// <summary>Otherwise it is taken for English.</summary>
    public static bool IsSpanish(string text) => SpanishWord().IsMatch(text);

    private static bool BeginsSentence(string text, int index) => text.AsSpan(0, index).TrimEnd(" \t\r\"'“‘«(") is var before
        && (before.IsEmpty || ".!?:;¡¿\n".Contains(before[^1]));

    private string[] Vary(Random random)
    {
        List<string> said = [.. Words];
        string[] mayGo = [.. said.Where(word => !Names.Contains(Small(word)))];
        if (said.Count > 1 && mayGo.Length > 0 && random.NextDouble() < Shorter)
            said.Remove(mayGo[random.Next(mayGo.Length)]);
        string[] varied = [.. said];
        if (random.NextDouble() < Shuffled)
            random.Shuffle(varied);
        return varied;
    }

    /// <summary>To be compared.</summary>
    public static string Small(string word) => word.ToLowerInvariant();

    private static string[] Sentences(string language)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"sentences-{language}.txt")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')];
    }

    private static readonly HashSet<string> Common =
    [
        .. ("what when where which who whom whose does have know tell would could should please give need this that with from about there many much long "
            + "like want some your time the and for are was who how why did can our you his her its not but any all get has had may one out use way now let "
            + "cuál cuándo dónde quién cómo cuánto cuánta cuántos cuántas tiene sabes puedes decirme dime dame quiero saber necesito para sobre este "
            + "esta qué hora desde hasta podrías gustaría los las del una uno por con que son hay fue mis tus sus ese esa eso más muy sin ser voy").Split(' '),
    ];

    [GeneratedRegex(@"[\p{L}\p{N}]+(?:[-_@./'’][\p{L}\p{N}]+)*")]
    private static partial Regex Word();

    [GeneratedRegex(@"[¿¡áéíóúñ]|\b(?:el|la|los|las|es|de|del|que|dime|dame|un|una|por|mi|como|cuando|donde|quien)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SpanishWord();
}
