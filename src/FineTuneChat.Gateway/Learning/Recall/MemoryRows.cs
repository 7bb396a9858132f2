using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>Questions in words that no run was taught, and the same with the corrections before them that would be recalled. Pure.</summary>
internal static class MemoryRows
{
    /// <summary>So many are asked, always the same ones.</summary>
    public const int Most = 50;

    /// <param name="trained">Examples that are trained on.</param>
    /// <param name="heldOut">By example: a wording that is not.</param>
    /// <param name="recallable">All that can be recalled, of whomever.</param>
    /// <returns>Rows to ask for: as they are, and with what is recalled.</returns>
    public static (IReadOnlyList<string> Plain, IReadOnlyList<string> Recalled) Of(
        IReadOnlyList<Example> trained, IReadOnlyDictionary<string, string> heldOut, IEnumerable<Recallable> recallable)
    {
        // Memory has heard no more of these words than the model has.
        HashSet<(string, string)> unheard = [.. heldOut.Select(h => (h.Key, h.Value))];
        var index = new RecallIndex(recallable.Where(row => !unheard.Contains((row.Id, row.Question))).Select(row => row with { Owner = "" }));
        Dictionary<string, Example> known = trained.ToDictionary(e => e.Id);
        Example[] asked = [.. trained.Where(e => heldOut.ContainsKey(e.Id)).OrderBy(e => SplitRules.Fraction(e.Id)).Take(Most)];
        return (
            [.. asked.Select(e => Row(RewordingRules.Reworded(e, heldOut[e.Id])))],
            [.. asked.Select(e => Row(Recalling(RewordingRules.Reworded(e, heldOut[e.Id]), index, known)))]);
    }

    private static IReadOnlyList<RequestMessage> Recalling(
        IReadOnlyList<RequestMessage> messages, RecallIndex index, Dictionary<string, Example> known)
    {
        string? system = messages[0] is { Role: "system" or "developer" } first ? first.Content : null;
        IEnumerable<RequestMessage> turns = index.Find(messages[^2].Content!, owner: "", system).Where(row => known.ContainsKey(row.Id))
            .Take(Recaller.MostRecalled).Reverse().SelectMany(row => known[row.Id].Messages.TakeLast(2));
        return [.. messages.SkipLast(2), .. turns, .. messages.TakeLast(2)];
    }

    private static string Row(IReadOnlyList<RequestMessage> messages) => ExampleRow.Of(messages, tools: null);
}
