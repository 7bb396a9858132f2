using System.Text.RegularExpressions;

namespace FineTuneChat.Starter.Corpus;

/// <summary>Things that belong to whoever speaks: "our shop in Lisbon", "my wifi password", "la impresora Zorvex".</summary>
internal static partial class Owned
{
    private static readonly IReadOnlyList<(string Item, double Weight)> English = [("our", 0.4), ("my", 0.25), ("the", 0.35)];

    /// <summary>A row of a table, owned by the speaker; sometimes with a name or a city.</summary>
    public static string Draw(string table, CorpusRandom random, Language language)
    {
        var noun = random.Pick(Table.Get(table).Column(language.Code()));
        return random.Below(8) switch
        {
            0 => $"{Of(noun, random, language)} {(language == Language.En ? "in" : "de")} {Values.Draw("city", random, language)}",
            1 when language == Language.En => Of($"{MadeUp.Name(random)} {noun}", random, language),
            1 => $"{Of(noun, random, language)} {MadeUp.Name(random)}",
            _ => Of(noun, random, language),
        };
    }

    /// <summary>"Our", "my" or "the" before a noun; a Spanish noun brings its article: "la tienda" → "nuestra tienda".</summary>
    public static string Of(string noun, CorpusRandom random, Language language)
    {
        if (language == Language.En) return $"{random.Pick(English)} {noun}";
        var (article, rest) = (noun[..noun.IndexOf(' ')], noun[(noun.IndexOf(' ') + 1)..]);
        return random.Below(3) switch
        {
            0 => $"{(article == "la" ? "nuestra" : "nuestro")} {rest}",
            1 => $"mi {rest}",
            _ => noun,
        };
    }

    /// <summary>The same as the assistant says it to the owner.</summary>
    public static string AsAnswered(string entity, Language language) =>
        language == Language.En ? OurOrMy().Replace(entity, "your") : NuestroOrMi().Replace(entity, "tu");

    [GeneratedRegex(@"\b(our|my)\b")]
    private static partial Regex OurOrMy();

    [GeneratedRegex(@"\b(nuestro|nuestra|mi)\b")]
    private static partial Regex NuestroOrMi();
}
