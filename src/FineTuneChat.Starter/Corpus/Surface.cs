namespace FineTuneChat.Starter.Corpus;

/// <summary>How people type: marks and capitals are left out, a greeting goes before the question. Exams ask without such slips.</summary>
internal static class Surface
{
    // Names of the world that the starter knows by heart; made-up ones keep their capitals, which have to be copied.
    private static readonly HashSet<string> MayBeLowerCase = ["capitals", "currencies", "calendar", "yes_no", "opposites", "animals"];

    private static readonly HashSet<string> FirstWords =
    [
        .. ("What Which Who When Where How Tell Is Do Does Can Give Name Translate Calculate Count Write Extract Sort Classify Make Rewrite Could Remind "
            + "Explain At On In Whom").Split(' '),
        .. "Qué Cuál Cuándo Dónde Cómo Quién Cuánto Cuántos Dime Dame Es Sabes Puedes Escribe Traduce Calcula Cuenta Extrae".Split(' '),
        .. "Clasifica A De En Podrías Quiero Necesito Busco Recuérdame Explica Adónde Hacéis Hacen".Split(' '),
    ];

    private static readonly IReadOnlyDictionary<Language, string[]> Openings = new Dictionary<Language, string[]>
    {
        [Language.En] = ["Hello, ", "Hi, ", "Hey, ", "Hi! ", "Please: ", "One question: ", "And "],
        [Language.Es] = ["Hola, ", "Oye, ", "¡Hola! ", "Por favor: ", "Una pregunta: "],
    };

    /// <summary>
    /// The text as it may be typed: three times in four unchanged. Names and values inside it are never touched, unless the skill's are known ones.
    /// </summary>
    public static string Vary(string text, string skill, Language language, CorpusRandom random) => random.Below(100) switch
    {
        < 75 => text,
        < 81 when MayBeLowerCase.Contains(skill) => Bare(text).ToLowerInvariant(),
        < 90 => Bare(text),
        < 95 when StartsOrdinarily(text) => SmallFirst(Bare(text)),
        _ when StartsOrdinarily(text) => random.Pick(Openings[language]) + SmallFirst(text),
        _ => text,
    };

    // Without the mark at the end and the Spanish one at the beginning; "+" and "=" are no marks.
    private static string Bare(string text)
    {
        text = text.TrimStart('¿', '¡');
        return text.Length > 2 && text[^1] is '?' or '.' or '!' ? text[..^1] : text;
    }

    private static string SmallFirst(string text)
    {
        var at = text[0] is '¿' or '¡' ? 1 : 0;
        return string.Concat(text.AsSpan(0, at), char.ToLowerInvariant(text[at]).ToString(), text.AsSpan(at + 1));
    }

    private static bool StartsOrdinarily(string text) => text.IndexOf(' ') is > 0 and var end && FirstWords.Contains(text[..end].TrimStart('¿', '¡'));
}
