using FineTuneChat.Datasets.Checks;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Rewordings;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>What a question is found by: its key, its names and numbers, who speaks, and the stems of the words that carry meaning. Pure.</summary>
/// <param name="Key">Equal for questions that say the same but for case, marks and blanks.</param>
/// <param name="Names">In small letters, without accents.</param>
/// <param name="Stems">Of the other words that carry meaning.</param>
/// <param name="IsOurs">Whether it asks about the one who speaks: "our shop" is another than "your shop".</param>
internal sealed record QuestionTerms(DedupKey Key, IReadOnlySet<string> Names, IReadOnlySet<string> Stems, bool IsOurs)
{
    private const int StemLength = 4;

    /// <summary>All that may find it.</summary>
    public IEnumerable<string> All => Names.Concat(Stems);

    public static QuestionTerms Of(string question)
    {
        HashSet<string> names = [.. KeyWords.NamesIn(question).Select(Plain)];
        HashSet<string> stems =
        [
            .. KeyWords.WordsIn(question).Where(KeyWords.CarriesMeaning).Select(Plain).Where(word => !names.Contains(word)).Select(Stem),
        ];
        return new(DedupKey.OfQuestion(question), names, stems, RewordingRules.IsOfSpeaker(question));
    }

    /// <summary>"opens", "opening" and "open" have one stem; so have "abre" and "abren".</summary>
    private static string Stem(string word) => word.Length > StemLength ? word[..StemLength] : word;

    /// <summary>Small letters without accents: people leave them out.</summary>
    private static string Plain(string word) => string.Concat(word.Select(LatinLetters.PlainOf));
}
