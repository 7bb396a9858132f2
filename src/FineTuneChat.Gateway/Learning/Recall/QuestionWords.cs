using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>What a question wants to know, by its question words: who buys the coffee is not answered by where it is. None for what, which and how.</summary>
[Flags]
internal enum AskedFor
{
    None = 0,
    Time = 1,
    Person = 2,
    Place = 4,
    Reason = 8,
    Amount = 16,
}

/// <summary>Reads <see cref="AskedFor"/> of English and Spanish questions. Pure.</summary>
internal static partial class QuestionWords
{
    /// <summary>All that is asked for: "who feeds it when I am away" has two of them.</summary>
    public static AskedFor Of(string question) =>
        (Time().IsMatch(question) ? AskedFor.Time : 0) | (Person().IsMatch(question) ? AskedFor.Person : 0)
        | (Place().IsMatch(question) ? AskedFor.Place : 0) | (Reason().IsMatch(question) ? AskedFor.Reason : 0)
        | (Amount().IsMatch(question) ? AskedFor.Amount : 0);

    /// <summary>Whether the answer to one cannot be that to the other.</summary>
    public static bool Contradict(AskedFor one, AskedFor other) => one != 0 && other != 0 && (one & other) == 0;

    /// <summary>English, as far as its small words tell.</summary>
    public static bool IsEnglish(string question) => English().IsMatch(question);

    [GeneratedRegex(@"\b(?:when|what time|what hour|how (?:long|early|late|often|many (?:minutes|hours|days|weeks|months|years))|cu[aá]ndo|hora)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Time();

    [GeneratedRegex(@"\b(?:who|whom|whose|qui[eé]n|qui[eé]nes)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Person();

    [GeneratedRegex(@"\b(?:where|a?d[oó]nde)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Place();

    [GeneratedRegex(@"\b(?:why|what reason|por qu[eé])\b", RegexOptions.IgnoreCase)]
    private static partial Regex Reason();

    [GeneratedRegex(@"\b(?:how (?:much|many)|cu[aá]nt[oa]s?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Amount();

    [GeneratedRegex(@"\b(?:the|is|are|does|did|what|who|whom|whose|when|where|how|why|which|should|my|our|your|please)\b", RegexOptions.IgnoreCase)]
    private static partial Regex English();
}
