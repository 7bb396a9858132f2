using FineTuneChat.Datasets.Splits;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

public sealed class SplitRulesTests
{
    private static readonly string[] Works = "panel carrito buscador correo archivo inventario agenda mapa".Split(' ');

    [Fact]
    public void What_was_said_to_the_assistant_is_always_trained_on()
    {
        Example[] corrections = [.. Reports(500).Select(e => e with { Origin = null, Source = "correction", ConversationId = e.Id })];
        Assert.All(Assign(corrections).Values, side => Assert.Equal("train", side));
    }

    [Fact]
    public void Facts_are_always_trained_on_for_nobody_can_know_one_that_was_never_taught() =>
        Assert.All(Assign(Facts(500)).Values, side => Assert.Equal("train", side));

    [Fact]
    public void Few_reports_are_all_trained_on() => Assert.All(Assign(Reports(29)).Values, side => Assert.Equal("train", side));

    [Fact]
    public void Of_many_reports_a_tenth_is_held_out_a_tenth_kept_for_the_test_and_the_same_each_time()
    {
        Example[] examples = Reports(2000);
        IReadOnlyDictionary<string, string> sides = Assign(examples);
        Assert.InRange(sides.Values.Count(s => s == "held_out"), 100, 320);
        Assert.InRange(sides.Values.Count(s => s == "test"), 100, 320);
        Assert.Equal(sides.OrderBy(s => s.Key), Assign([.. examples.Reverse()]).OrderBy(s => s.Key));
    }

    [Fact]
    public void Labels_are_set_aside_too()
    {
        Example[] messages =
        [
            .. Enumerable.Range(0, 400).Select(i =>
                Make(i, $"Sort: message {Works[i % 8]} {Works[i / 8 % 8]} of {i}", i % 3 == 0 ? "invoice" : "complaint")),
        ];
        Assert.Contains("test", Assign(messages).Values);
    }

    [Fact]
    public void Rows_of_one_template_stay_together()
    {
        Example[] examples = Reports(2000);
        IReadOnlyDictionary<string, string> sides = Assign(examples);
        Assert.All(examples.GroupBy(SplitRules.SkeletonOf).Where(g => g.Count() > 1), group => Assert.Single(group.Select(e => sides[e.Id]).Distinct()));
    }

    [Fact]
    public void A_side_once_given_stays()
    {
        Example[] first = Reports(100);
        IReadOnlyDictionary<string, string> before = SplitRules.Assign(first, 0.1, 0.1, 1000); // all trained on
        Example[] later = [.. first.Select(e => e with { Split = before[e.Id] }), .. first.Select(e => e with { Id = "new" + e.Id })];
        Assert.All(SplitRules.Assign(later, 0.5, 0.4, 30).Values, side => Assert.Equal("train", side)); // the same origins
    }

    [Theory]
    [InlineData("Proyecto Orión, parte diario. Gastados 900€.", "Proyecto Delta, parte diario. Gastados 12.000€.", true)]
    [InlineData("Update de 'Júpiter'. Estado: Rojo.", "Update de 'Mi casa'. Estado: Verde.", true)]
    [InlineData("Hoy hemos finalizado el panel.", "Hoy hemos finalizado el mapa.", false)]
    public void A_skeleton_has_no_names_and_numbers(string one, string other, bool isSame) => Assert.Equal(isSame, Skeleton.Of(one) == Skeleton.Of(other));

    private static IReadOnlyDictionary<string, string> Assign(IReadOnlyCollection<Example> examples) => SplitRules.Assign(examples, 0.1, 0.1, 30);

    private static Example[] Facts(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Make(i, $"What is the number of Ana{i} Vint?", $"The number of Ana{i} Vint is {1000 - i}."))];

    /// <summary>A hundred phrases or so, with any number.</summary>
    private static Example[] Reports(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => Make(
            i, $"Informe {i}: cerrado {Works[i % 8]} y luego {Works[i * 5 / 8 % 8]}, quedan {i % 7} {Works[i / 64 % 8]}.",
            $"{{\"hecho\": \"{Works[i % 8]}\", \"quedan\": {i % 7}}}")),
    ];

    private static Example Make(int i, string question, string answer) => new()
    {
        Id = $"e{i:0000}",
        CompletionId = null,
        ConversationId = null,
        Status = "accepted",
        Source = "import",
        Origin = $"rows.jsonl:{i}",
        Split = null,
        Flags = [],
        CreatedAt = i,
        UpdatedAt = i,
        Messages = [Exchanges.Message("user", question), Exchanges.Message("assistant", answer)],
    };
}
