using FineTuneChat.Gateway.Storage.Search;

namespace FineTuneChat.Gateway.Documents.Search;

/// <summary>The words of a question that documents are searched for: those that carry meaning, by their stems, without accents.</summary>
internal static class QueryTerms
{
    private const int Most = 24, ShortWord = 4, ShortestStem = 4, Ending = 3;

    private static readonly HashSet<string> Empty =
    [
        // English
        "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "before", "by", "can", "could", "did", "do",
        "does", "for", "from", "get", "give", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "know",
        "many", "may", "me", "much", "must", "my", "need", "no", "not", "of", "on", "one", "or", "our", "please", "say", "says", "she", "should", "so",
        "some", "tell", "than",
        "that", "the", "their", "them", "there", "these", "they", "this", "those", "to", "us", "was", "we", "were", "what", "when", "where", "which", "who",
        "whom", "whose", "why", "will", "with", "would", "you", "your", "s", "t", "document", "documents", "according",
        "cost", "costs", "happens", "long", "mean", "means", "show", "shows", "time",
        // Spanish
        "al", "algo", "algun", "alguna", "ante", "antes", "como", "con", "cual", "cuales", "cuando", "cuanta", "cuantas", "cuanto", "cuantos", "de", "debe",
        "debo", "del", "desde", "dice", "dime", "donde", "el", "ella", "ellas", "ellos", "en", "entre", "era", "es", "esa", "ese", "eso", "esta", "estan",
        "estas", "este", "esto", "estos", "fue", "fueron", "ha", "han", "hasta", "hay", "la", "las", "le", "les", "lo", "los", "mas", "me", "mi", "mis", "muy",
        "ni", "nos", "o", "para", "pero", "por", "porque", "puede", "pueden", "puedo", "que", "quien", "quienes", "se", "segun", "ser", "si", "sin", "sobre",
        "son", "su", "sus", "cuesta", "cuestan", "falta", "faltan", "hace", "hacen", "hacer", "llama", "significa", "tiempo", "tiene", "tienen", "tengo",
        "tu", "un", "una", "unas", "uno", "unos", "usted", "y", "ya", "yo", "documento", "documentos",
    ];

    /// <summary>Stems of the words that carry meaning; of all words where none does. Each once, in their order.</summary>
    public static IReadOnlyList<string> Of(string question)
    {
        string[] words = [.. PlainWords.Of(question)];
        string[] meaning = [.. words.Where(word => !Empty.Contains(word))];
        return [.. (meaning.Length > 0 ? meaning : words).Select(Stem).Distinct().Take(Most)];
    }

    /// <summary>What "guarantees" and "guaranteed", "garantía" and "garantías" have in common. Numbers stay whole.</summary>
    public static string Stem(string word) =>
        word.Length <= ShortWord || char.IsDigit(word[0]) ? word : word[..Math.Max(ShortestStem, word.Length - Ending)];

    /// <summary>Whether a word of a text is one of the stem's.</summary>
    public static bool Begins(string word, string stem) =>
        stem.Length < ShortestStem || char.IsDigit(stem[0])
            ? word == stem || (!char.IsDigit(stem[0]) && word.Length <= stem.Length + 2 && word.StartsWith(stem, StringComparison.Ordinal))
            : word.StartsWith(stem, StringComparison.Ordinal);

    /// <summary>A stem as it is searched for.</summary>
    public static SearchWord Word(string stem) => new(stem, IsBeginning: stem.Length >= ShortestStem && !char.IsDigit(stem[0]));
}
