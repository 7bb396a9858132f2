using FineTuneChat.Gateway.Learning.FollowUps;
using FineTuneChat.Gateway.Talks;
using FineTuneChat.Tests.Talks;
using FineTuneChat.TestSupport;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace FineTuneChat.Tests.FollowUps;

/// <summary>The starter asked for yes or no: <c>FTC_SCALE=20</c> asks about all labelled turns, for the figures of docs/learning.md.</summary>
[Collection(StarterCollection.Name)]
[Trait(Tier.Name, Tier.Slow)]
public sealed class FollowUpModelTests(StarterGateway starter, ITestOutputHelper output)
{
    private const int Apart = 10; // turns

    [Fact]
    public async Task With_the_starter_rules_find_more_than_the_model_itself_at_its_best_threshold()
    {
        FollowUpDetector detector = starter.Gateway.Get<FollowUpDetector>();
        LabelledTurn[] turns = [.. LabelledTurn.All.Where((_, i) => i % Math.Max(1, Apart / Scale.Factor) == 1 || Scale.Factor >= Apart)];
        var asked = new List<(double Yes, bool Is)>();
        foreach (LabelledTurn turn in turns)
            asked.Add((await detector.YesAsync(new DefaultHttpContext(), "assistant", turn.Question, turn.Reply, turn.Next), turn.FollowUp));
        Assert.All(asked, a => Assert.InRange(a.Yes, 0, 1));

        (double Threshold, double Precision, double Recall, double F1) best = asked.Select(a => a.Yes).Distinct()
            .Select(threshold => Score(threshold, [.. asked.Select(a => (a.Yes >= threshold, a.Is))])).MaxBy(s => s.F1);
        (_, double precision, double recall, double f1) = Score(0, [.. turns.Select(t => (FollowUpRules.IsFollowUp(t.Next), t.FollowUp))]);
        output.WriteLine($"{turns.Length} turns; model, best threshold {best.Threshold:0.00}: precision {best.Precision:0.00}, recall {best.Recall:0.00}; "
            + $"rules: {precision:0.00}, {recall:0.00}");
        Assert.True(f1 > best.F1, $"F1 of rules {f1:0.00}, of the model {best.F1:0.00}");
        Assert.Equal(TalkSettings.Rules, new TalkSettings().FollowUps);
    }

    private static (double Threshold, double Precision, double Recall, double F1) Score(double threshold, IReadOnlyList<(bool Said, bool Is)> all)
    {
        double hits = all.Count(a => a is (true, true)), precision = hits / Math.Max(1, all.Count(a => a.Said)), recall = hits / all.Count(a => a.Is);
        return (threshold, precision, recall, hits == 0 ? 0 : 2 * precision * recall / (precision + recall));
    }
}
