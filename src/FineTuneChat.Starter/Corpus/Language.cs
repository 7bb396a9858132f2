namespace FineTuneChat.Starter.Corpus;

/// <summary>The languages of the corpus.</summary>
internal enum Language
{
    En,
    Es,
}

/// <summary>How sheets and tables write a <see cref="Language"/>.</summary>
internal static class LanguageCodes
{
    public static string Code(this Language language) => language == Language.En ? "en" : "es";

    public static Language Parse(string code) => code switch
    {
        "en" => Language.En,
        "es" => Language.Es,
        _ => throw new InvalidDataException($"\"{code}\" is no language of the corpus; there are en and es."),
    };
}
