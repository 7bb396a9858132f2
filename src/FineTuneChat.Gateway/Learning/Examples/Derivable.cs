using System.Text.RegularExpressions;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>
/// Examples whose reply follows from the question, as in extraction and classification: only with these a held-out row shows whether a skill was learned.
/// A fact that was never taught cannot be known.
/// </summary>
internal static partial class Derivable
{
    private const double CopiedWords = 0.9; // of a reply's, found in what it answers: a fact repeats the question, too, but for the fact
    private const double MostLabels = 0.1; // of the examples
    private const int LeastUses = 3; // of a label

    public static IEnumerable<Example> Of(IReadOnlyCollection<Example> examples)
    {
        Dictionary<string, int> replies = examples.GroupBy(Reply).ToDictionary(g => g.Key, g => g.Count());
        bool hasLabels = replies.Count <= MostLabels * examples.Count;
        return examples.Where(e => (hasLabels && replies[Reply(e)] >= LeastUses) || Copied(e) >= CopiedWords);
    }

    /// <summary>Share of the reply's words and numbers that stand in what it answers; names of JSON fields do not count.</summary>
    private static double Copied(Example example)
    {
        string[] said = [.. Words(JsonKey().Replace(Reply(example), ""))];
        HashSet<string> given = [.. example.Messages.SkipLast(1).SelectMany(m => Words(m.Content ?? ""))];
        return said.Length == 0 ? 0 : (double)said.Count(given.Contains) / said.Length;
    }

    private static string Reply(Example example) => (example.Messages[^1].Content ?? "").Trim();

    private static IEnumerable<string> Words(string text) => Word().Matches(text).Select(m => m.Value.ToLowerInvariant());

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();

    [GeneratedRegex("\"[^\"]{1,60}\"\\s*:")]
    private static partial Regex JsonKey();
}
