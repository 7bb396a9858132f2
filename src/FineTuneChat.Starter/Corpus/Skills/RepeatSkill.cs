namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>Says any text again, letter by letter: the shortest practice of copying, on which stating, extracting and being taught rest.</summary>
internal sealed class RepeatSkill : ISkill
{
    private static readonly Dictionary<Language, string[]> Questions = new()
    {
        [Language.En] =
        [
            "Repeat: {t}", "Repeat after me: {t}", "Say: {t}", "Write: {t}", "Please repeat: {t}", "Can you repeat this? {t}", "Say this again: {t}",
            "Copy this: {t}",
        ],
        [Language.Es] =
        [
            "Repite: {t}", "Repite conmigo: {t}", "Di: {t}", "Escribe: {t}", "Por favor, repite: {t}", "¿Puedes repetir esto? {t}", "Di esto otra vez: {t}",
            "Copia esto: {t}",
        ],
    };

    public string Name => "repeat";

    public Sample Draw(CorpusRandom random, Language language)
    {
        string text;
        do text = AnyText.Draw(random, language).Trim();
        while (text.Length == 0);
        return new Sample(text, random.Pick(Questions[language]).Replace("{t}", text), text);
    }
}
