namespace FineTuneChat.Starter.Corpus;

/// <summary>Every word that sheets and tables hold, each once: drawn evenly, so that the rarest is written as often as the commonest.</summary>
internal static class Lexicon
{
    private static readonly string[] All =
        [.. Resources.AllLines().SelectMany(line => line.Split([' ', '|', '/', '(', ')']))
            .Where(w => w.Length > 0 && !w.Contains('{') && !w.Contains('*')).Distinct()];

    /// <summary>Letters alone, of words that recur: these become tokens of their own.</summary>
    private static readonly string[] Bare =
        [.. Resources.AllLines().SelectMany(line => line.Split(' ')).Select(w => string.Concat(w.Where(char.IsLetter))).Where(w => w.Length > 1)
            .GroupBy(w => w).Where(g => g.Count() > 2).Select(g => g.Key).Order(StringComparer.Ordinal)];

    private static readonly IReadOnlyDictionary<Language, string[]> Nouns = new Dictionary<Language, string[]>
    {
        [Language.En] = Of("en"),
        [Language.Es] = Of("es"),
    };

    /// <summary>Any word of any language, with the marks that it has there.</summary>
    public static string Any(CorpusRandom random) => random.Pick(All);

    /// <summary>Letters alone: a word, the end of one, or the beginning of one and the end of another.</summary>
    public static string Fragment(CorpusRandom random)
    {
        var word = random.Pick(Bare);
        return random.Below(6) switch
        {
            0 or 1 when word.Length > 3 => word[random.Between(1, word.Length - 2)..],
            2 when word.Length > 3 && random.Pick(Bare) is { Length: > 3 } other =>
                other[..random.Between(1, other.Length - 1)] + word[random.Between(1, word.Length - 2)..],
            3 => Template.Capitalised(word),
            _ => word,
        };
    }

    /// <summary>Ordinary nouns of a language in a row; one in six is made up.</summary>
    public static string Words(int count, CorpusRandom random, Language language) => string.Join(
        ' ', Enumerable.Range(0, count).Select(_ => random.Chance(1 / 6.0) ? MadeUp.Word(random) : random.Pick(Nouns[language])));

    private static string[] Of(string column) =>
        [.. Table.Get("words").Column(column).Concat(Table.Get("goods").Column(column)).Concat(Table.Get("belongings").Column(column))
            .Concat(Table.Get("occasions").Column(column)).SelectMany(w => w.Split(' ')).Where(w => w.Length > 2).Distinct()];
}
