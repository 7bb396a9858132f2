using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Nothing is dropped, changed or guessed without a word.</summary>
public sealed class ReportTests
{
    private const string Long =
        "The quick brown fox jumps over the lazy dog and runs away into the deep dark forest before anybody can see where it has gone to sleep";

    [Fact]
    public void Columns_that_are_not_used_are_named_with_their_rows()
    {
        var file = new DatasetText("""
            {"prompt":"a","completion":"b","id":1,"source":"x"}
            {"prompt":"c","completion":"d","id":2,"source":""}
            """);
        Assert.Equal([("\"id\" is not used", 2), ("\"source\" is not used", 1)], file.Report.Notices.Select(n => (n.Text, n.Count)));
        Assert.Equal([1, 2], file.Report.Notices[0].Rows);
        Assert.Equal(["prompt", "reply", null, null], file.Report.Columns.Select(c => c.Use));
        Assert.Equal(["a", "c"], file.Report.Columns[0].Samples);
    }

    [Fact]
    public void What_is_said_again_nearly_again_and_otherwise_is_told_apart()
    {
        var file = new DatasetText($$"""
            {"prompt":"When do you open?","completion":"At nine."}
            {"prompt":"when do you OPEN","completion":"at nine"}
            {"prompt":"¿When do you open?","completion":"At ten."}
            {"prompt":"Tell me a story.","completion":"{{Long}} 9"}
            {"prompt":"Tell me a story!","completion":"{{Long}} again 9"}
            {"prompt":"Tell me a story:","completion":"{{Long}} 10"}
            {"prompt":"Please tell me a story.","completion":"{{Long}} 9"}
            """);
        Assert.Equal(
            ["duplicates 2 as 1", "contradictions 3 and 1", "contradictions 5 and 4", "contradictions 6 and 4", "near_duplicates 7 as 4"],
            file.Report.Notices.SelectMany(n => n.Details, (n, detail) => $"{n.Kind} {detail}"));
    }

    [Theory]
    [InlineData("Â¿QuÃ© tal?", true)]
    [InlineData("donâ€™t", true)]
    [InlineData("ma\uFFFDana", true)]
    [InlineData("AMANHÃ” NÃO É MANHÃ, Âncora, àâä, 5 Å, Ñandú", false)]
    public void Letters_that_were_decoded_wrongly_are_told(string text, bool isTold) =>
        Assert.Equal(isTold, new DatasetText($$"""{"prompt":"Q","completion":"{{text}}"}""").Rows[0].Notices.Contains(NoticeKinds.Mojibake));

    [Theory]
    [InlineData("""{\\\"a\\\": 1}""", NoticeKinds.HalfEscapedJson)]
    [InlineData("""[{\\\"a\\\": [1, 2]}]""", NoticeKinds.HalfEscapedJson)]
    [InlineData("""{\"a\": 1,}""", NoticeKinds.BrokenJson)]
    [InlineData("""{\"a\": \"say \\\"hi\\\"\"}""", null)]
    [InlineData("{see below}", null)]
    [InlineData("[1] and \\\"so on\\\" [2]", null)]
    public void JSON_that_is_none_is_told(string reply, string? kind) =>
        Assert.Equal(kind is null ? [] : [kind], new DatasetText($$"""{"prompt":"Q","completion":"{{reply}}"}""").Rows[0].Notices);

    [Fact]
    public void Earlier_turns_long_rows_and_functions_are_told()
    {
        Assert.Equal([("history", 1)], new DatasetText("""{"instruction":"Q","output":"A","history":[["a","b"]]}""").Notices);
        Assert.Equal([("long", 1)], new DatasetText($$"""{"prompt":"{{new string('x', 20_000)}}","completion":"A"}""").Notices);
        Assert.Equal([("tools", 1)], new DatasetText(
            """{"messages":[{"role":"user","content":"Q"},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}""").Notices);
    }

    [Fact]
    public void A_hostile_file_has_no_report_without_end()
    {
        var file = new DatasetText(string.Join('\n', Enumerable.Range(0, 1_000).Select(i => $$"""{"prompt":"Q{{i}}","completion":"A","k{{i}}":1}""")));
        Assert.InRange(file.Report.Notices.Count, 1, 200);
        Assert.InRange(file.Report.Columns.Count, 1, 100);
    }
}
