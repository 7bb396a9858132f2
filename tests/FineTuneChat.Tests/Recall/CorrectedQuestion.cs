using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Recall;

/// <summary>A question that was corrected, other words for it, and near questions that it does not answer: <c>questions-*.txt</c>.</summary>
internal sealed record CorrectedQuestion(string Question, List<string> Same, List<string> Near)
{
    public static CorrectedQuestion[] Read(string language)
    {
        var all = new List<CorrectedQuestion>();
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "tests", "FineTuneChat.Tests", "Recall", $"questions-{language}.txt")))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
                all[^1].Same.Add(line[2..]);
            else if (line.StartsWith("! ", StringComparison.Ordinal))
                all[^1].Near.Add(line[2..]);
            else if (!line.StartsWith('#'))
                all.Add(new(line, [], []));
        }
        return [.. all];
    }

    /// <summary>All of them corrected, each with another answer.</summary>
    public static RecallIndex Index(CorrectedQuestion[] all, IReadOnlyList<float[]?> vectors) => new(all.Select((corrected, i) =>
        new Recallable($"{i}", corrected.Question, "", null, DedupKey.OfQuestion($"Answer {i}"), vectors[i])));
}
