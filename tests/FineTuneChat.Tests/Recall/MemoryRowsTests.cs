using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Learning.Rewordings;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Recall;

public sealed class MemoryRowsTests
{
    [Fact]
    public void A_question_in_unheard_words_is_asked_with_and_without_its_correction_before_it()
    {
        Example[] trained = [Make("1", "When does our shop open?", "At nine."), Make("2", "Who repairs bicycles?", "Berta.")];
        var heldOut = new Dictionary<string, string> { ["1"] = "When does our shop open in summer?" };
        IEnumerable<Recallable> recallable = trained.SelectMany(e =>
            (Recallable[])[Recall(e, e.Messages[0].Content!), Recall(e, heldOut.GetValueOrDefault(e.Id, "Who?"))]);
        (IReadOnlyList<string> plain, IReadOnlyList<string> recalled) = MemoryRows.Of(trained, heldOut, recallable);
        Assert.Equal("When does our shop open in summer? | At nine.", Words(Assert.Single(plain)));
        Assert.Equal("When does our shop open? | At nine. | When does our shop open in summer? | At nine.", Words(Assert.Single(recalled)));
    }

    [Fact]
    public void One_of_enough_wordings_is_held_out_always_the_same()
    {
        string[] wordings = ["When is it open?", "At what time does it open?", "Since when is it open?", "Tell me when it opens"];
        string heldOut = RewordingRules.HeldOut("When does it open?", wordings)!;
        Assert.Contains(heldOut, wordings);
        Assert.Equal(heldOut, RewordingRules.HeldOut("When does it open?", [.. wordings.Reverse()]));
        Assert.Null(RewordingRules.HeldOut("When does it open?", wordings[1..]));
    }

    [Fact]
    public void A_version_wins_where_it_alone_is_right()
    {
        bool[] version = [true, true, true, false, false], memory = [true, false, false, true, false];
        MemoryComparison compared = MemoryComparison.Of(Rows(version), Rows([false, false, false, false, false]), Rows(memory), Rows(version))!;
        Assert.Equal((5, 3), (compared.Asked, compared.Right));
        Assert.Equal((0, 3, 2, 0), (compared.Base.Right, compared.Base.Wins, compared.Base.Ties, compared.Base.Losses));
        Assert.Equal((2, 2, 2, 1), (compared.Memory.Right, compared.Memory.Wins, compared.Memory.Ties, compared.Memory.Losses));
        Assert.Equal(0.0943, compared.Memory.Least, 1e-3); // two of three
        Assert.Equal(0.9916, compared.Memory.Most, 1e-3);
        Assert.Equal((0.0, 1.0), (Math.Round(compared.Before.Least, 5), Math.Round(compared.Before.Most, 5))); // never decided: nothing is known
        Assert.Null(MemoryComparison.Of([], [], [], []));
    }

    private static MeasuredRow[] Rows(bool[] right) => [.. right.Select((isRight, i) => new MeasuredRow(i + 1, 1, 3, 3, true, true, isRight))];

    private static Recallable Recall(Example example, string question) =>
        new(example.Id, question, Owner: "key", System: null, DedupKey.Of([example.Messages[^1]]));

    private static string Words(string row) => string.Join(" | ", JsonNode.Parse(row)!["messages"]!.AsArray().Select(m => (string)m!["content"]!));

    private static Example Make(string id, string question, string reply) => TestExamples.Make(id, ("user", question), ("assistant", reply));
}
