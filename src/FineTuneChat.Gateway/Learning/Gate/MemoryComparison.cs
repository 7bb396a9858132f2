namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>
/// How a version answers questions in words that it was not taught, beside what would serve without it. The right reply is known, so no judge is needed.
/// </summary>
/// <param name="Asked">Questions, one for each example that has enough wordings; of many, fifty.</param>
/// <param name="Right">Answered right by the version, letter for letter.</param>
/// <param name="Base">Against the base.</param>
/// <param name="Memory">Against the base with the corrections before the question that would be recalled.</param>
/// <param name="Before">Against the version that was in service.</param>
internal sealed record MemoryComparison(int Asked, int Right, Bout Base, Bout Memory, Bout Before)
{
    /// <summary>Null where nothing was asked.</summary>
    /// <param name="candidate">The questions' rows under the version.</param>
    /// <param name="ofBase">Under the base.</param>
    /// <param name="memory">Under the base, with what is recalled.</param>
    /// <param name="before">Under the version in service.</param>
    public static MemoryComparison? Of(
        IReadOnlyList<MeasuredRow> candidate, IReadOnlyList<MeasuredRow> ofBase, IReadOnlyList<MeasuredRow> memory, IReadOnlyList<MeasuredRow> before)
    {
        Dictionary<int, bool> right = IsRight(candidate);
        return right.Count == 0 ? null : new(
            right.Count, right.Count(r => r.Value), Bout.Of(right, IsRight(ofBase)), Bout.Of(right, IsRight(memory)), Bout.Of(right, IsRight(before)));
    }

    private static Dictionary<int, bool> IsRight(IReadOnlyList<MeasuredRow> rows) => rows.ToDictionary(row => row.Row, row => row.Written?.Right ?? row.Whole);
}

/// <summary>A version against another one, question by question.</summary>
/// <param name="Right">Answered right by the other.</param>
/// <param name="Wins">Right by the version alone.</param>
/// <param name="Ties">By both, or by none.</param>
/// <param name="Losses">By the other alone.</param>
/// <param name="Least">Share of wins among wins and losses: its lower limit of 95 % (Clopper and Pearson); 0 where there are none.</param>
/// <param name="Most">Its upper limit; 1 where there are none.</param>
internal sealed record Bout(int Right, int Wins, int Ties, int Losses, double Least, double Most)
{
    private const double ErrorRate = 0.025; // at either end

    public static Bout Of(IReadOnlyDictionary<int, bool> version, IReadOnlyDictionary<int, bool> other)
    {
        bool[] rights = [.. version.Keys.Select(row => other.GetValueOrDefault(row))];
        int wins = version.Values.Zip(rights).Count(pair => pair is (true, false)), losses = version.Values.Zip(rights).Count(pair => pair is (false, true));
        return new(
            rights.Count(right => right), wins, version.Count - wins - losses, losses,
            1 - Significance.UpperLimit(losses, wins + losses, ErrorRate), Significance.UpperLimit(wins, wins + losses, ErrorRate));
    }
}
