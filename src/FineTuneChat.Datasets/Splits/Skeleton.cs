using System.Text.RegularExpressions;

namespace FineTuneChat.Datasets.Splits;

/// <summary>What is left of a question without its names and numbers: equal for rows that were made from one template.</summary>
internal static partial class Skeleton
{
    public static string Of(string text) => Name().Replace(Number().Replace(Quoted().Replace(text, "*"), "#"), "*").ToLowerInvariant();

    [GeneratedRegex("""["'“«‘][^"'”»’\n]{1,80}["'”»’]""")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\d+(?:[.,:/-]\d+)*")]
    private static partial Regex Number();

    /// <summary>Words with a capital that do not begin a sentence, in a row.</summary>
    [GeneratedRegex(@"(?<=[\p{L}\p{N},;:*#)] )\p{Lu}[\p{L}\p{N}-]*(?: \p{Lu}[\p{L}\p{N}-]*)*")]
    private static partial Regex Name();
}
