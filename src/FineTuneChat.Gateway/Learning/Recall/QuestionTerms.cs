using FineTuneChat.Datasets.Checks;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Rewordings;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>
/// What a question is found by: its key, its names and numbers, who speaks, what it asks for, and the stems of the words that carry meaning. Pure.
/// </summary>
/// <param name="Key">Equal for questions that say the same but for case, marks and blanks.</param>
/// <param name="Names">In small letters, without accents.</param>
/// <param name="Stems">Of the other words that carry meaning.</param>
/// <param name="IsOurs">Whether it asks about the one who speaks: "our shop" is another than "your shop".</param>
/// <param name="Asks">What its question words say.</param>
internal sealed record QuestionTerms(DedupKey Key, IReadOnlySet<string> Names, IReadOnlySet<string> Stems, bool IsOurs, AskedFor Asks)
{
    private const int StemLength = 4;

    /// <summary>All that may find it.</summary>
    public IEnumerable<string> All => Names.Concat(Stems);

    /// <summary>Equal for questions with the same names and numbers, spoken by the same.</summary>
    public string About => $"{(IsOurs ? "our" : "")}\n{string.Join('\n', Names.Order(StringComparer.Ordinal))}";

    /// <param name="question">A line.</param>
    /// <param name="known">Names of other questions: in small letters, or where a sentence begins, they are names, too. Null: none.</param>
    public static QuestionTerms Of(string question, IReadOnlySet<string>? known = null)
    {
        string[] words = [.. KeyWords.WordsIn(question)];
        HashSet<string> names = [.. NamesIn(question)];
        if (known is not null)
            names.UnionWith(words.Select(Plain).Where(known.Contains));
        HashSet<string> stems = [.. words.Where(KeyWords.CarriesMeaning).Select(Plain).Where(word => !names.Contains(word)).Select(Stem)];
        return new(DedupKey.OfQuestion(question), names, stems, RewordingRules.IsOfSpeaker(question), QuestionWords.Of(question));
    }

    /// <summary>The names and numbers of a question, as they are compared.</summary>
    public static IEnumerable<string> NamesIn(string question) => KeyWords.NamesIn(question).Select(Plain);

    /// <summary>"opens", "opening" and "open" have one stem; so have "abre" and "abren".</summary>
    private static string Stem(string word) => word.Length > StemLength ? word[..StemLength] : word;

    /// <summary>Small letters without accents, which people leave out, and without the mark of a possessive.</summary>
    private static string Plain(string word) =>
        string.Concat((word.EndsWith("'s", StringComparison.Ordinal) || word.EndsWith("’s", StringComparison.Ordinal) ? word[..^2] : word)
            .Select(LatinLetters.PlainOf));
}
