using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Feedback;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Feedback;

public sealed class FeedbackRowsTests
{
    private static readonly ILookup<string, RequestMessage> None = Enumerable.Empty<RequestMessage>().ToLookup(_ => "");

    [Fact]
    public void A_correction_is_preferred_to_the_reply_that_it_replaced_and_a_liked_reply_to_its_siblings()
    {
        Example[] trained = [Make("1", "Where?", "Here.", "correction"), Make("2", "When?", "Now.", "rating"), Make("3", "Edited?", "Yes.", "edit")];
        ILookup<string, RequestMessage> rejected = new[] { ("1", "There."), ("2", "Then."), ("2", "Now. "), ("2", "Then."), ("3", "No.") }
            .ToLookup(r => r.Item1, r => Exchanges.Message("assistant", r.Item2));
        Assert.Equal(["Where? Here. > There.", "When? Now. > Then."], FeedbackRows.Of(trained, [], rejected, []).Select(Words));
    }

    [Fact]
    public void What_is_rated_down_stands_against_what_is_rated_up()
    {
        Example[] trained = [Make("1", "Where?", "Here.", "correction"), Make("2", "When?", "Now.", "rating")];
        Assert.Empty(FeedbackRows.Of(trained, [], None, []));
        Assert.Equal(["Why? So. False", "When? Now. True"], FeedbackRows.Of(trained, [Make("4", "Why?", "So.", "rejection")], None, []).Select(Words));
    }

    [Fact]
    public void A_reply_is_avoided_once_and_not_where_it_is_accepted_elsewhere()
    {
        Example[] unwanted =
        [
            Make("1", "Why?", "So.", "rejection"), Make("2", "why", "so", "rejection"), Make("3", "When?", "Now!", "rejection"),
            Make("4", "Why?", "No.", "rejection"),
        ];
        Assert.Equal(["2", "4"], FeedbackRows.Merge(unwanted, [Make("5", "When?", "Now.", "rating")]).Select(e => e.Id));
    }

    [Fact]
    public void Of_a_flood_of_thumbs_the_newest_are_learned()
    {
        Example[] unwanted = [.. Enumerable.Range(0, FeedbackRows.Most + 5).Select(i => Make($"{i}", $"{i}?", "So.", "rejection"))];
        IReadOnlyList<string> rows = FeedbackRows.Of([], unwanted, None, []);
        Assert.Equal((FeedbackRows.Most, "5? So. False"), (rows.Count, Words(rows[0])));
    }

    [Theory]
    [InlineData(2, 0, 1)]
    [InlineData(2, 50, 3)]
    [InlineData(2, 5000, 8)]
    [InlineData(200, 500, 1)]
    [InlineData(0, 500, 0)]
    public void Few_preferences_are_repeated_until_they_are_a_tenth(int rows, int beside, int times) =>
        Assert.Equal(rows * times, FeedbackRows.Repeated([.. Enumerable.Range(0, rows).Select(i => $"{i}")], beside).Count());

    private static string Words(string row)
    {
        JsonNode parsed = JsonNode.Parse(row)!;
        string question = (string)parsed["messages"]![0]!["content"]!;
        return parsed["label"] is { } label ? $"{question} {Text("completion")} {(bool)label}" : $"{question} {Text("chosen")} > {Text("rejected")}";

        string? Text(string key) => (string?)parsed[key]![0]!["content"];
    }

    private static Example Make(string id, string question, string reply, string source) => TestExamples.Make(id, ("user", question), ("assistant", reply)) with
    {
        CompletionId = id,
        Status = source == "rejection" ? "unwanted" : "accepted",
        Source = source,
    };
}
