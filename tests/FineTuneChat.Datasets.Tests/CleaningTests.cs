using System.Text;
using FineTuneChat.Datasets.Cleaning;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Tests;

/// <summary>What cleaning does to rows, and that it is counted.</summary>
public sealed class CleaningTests
{
    [Theory]
    [InlineData("white_space", "  Sí, a toda España. \r\n", "Sí, a toda España.")]
    [InlineData("control_characters", "Hola\u0000\u001B\uFEFF, ¿qué\ttal?\n", "Hola, ¿qué\ttal?\n")]
    [InlineData("mojibake", "MaÃ±ana abrimos a las 9.", "Mañana abrimos a las 9.")]
    [InlineData("half_escaped_json", """{\"name\": \"Beta\", \"eur\": 1200}""", """{"name": "Beta", "eur": 1200}""")]
    public void A_rule_puts_a_reply_right(string rule, string reply, string expected)
    {
        (DatasetRow[] rows, DatasetCleaner cleaner) = Clean([CleaningRule.All.Single(r => r.Name == rule)], ("Question?", reply));
        Assert.Equal(expected, Assert.Single(rows).Conversation!.Messages[^1].Content);
        Assert.Equal(new CleaningFigure(rule, 1, 0), Assert.Single(cleaner.Figures));
        Assert.Equal(reply, Clean([], ("Question?", reply)).Rows[0].Conversation!.Messages[^1].Content); // switched off, nothing happens
    }

    [Theory]
    [InlineData("mojibake", "q", "EspaÃ±a y mañana")] // of two kinds: not sure
    [InlineData("mojibake", "q", "a\uFFFDo")]
    [InlineData("broken_json", "q", """{"name": "Beta", "eur":""" + "}")]
    [InlineData("empty", "q", " \n")]
    [InlineData("empty", " ", "reply")]
    public void A_rule_leaves_a_row_out(string rule, string question, string reply)
    {
        (DatasetRow[] rows, DatasetCleaner cleaner) = Clean([CleaningRule.All.Single(r => r.Name == rule)], (question, reply));
        Assert.Empty(rows);
        Assert.Equal(new CleaningFigure(rule, 0, 1), Assert.Single(cleaner.Figures));
    }

    [Fact]
    public void Repetitions_are_left_out_over_all_files_and_contradictions_only_when_asked()
    {
        (string, string)[] rows = [("When do you open?", "At nine."), ("when do you OPEN", "at nine"), ("When do you open?", "At ten.")];
        Assert.Equal(["At nine.", "At ten."], Replies(CleaningRule.Choose(null, null)));
        Assert.Equal(["At nine."], Replies(CleaningRule.Choose("contradictions", null)));
        Assert.Equal(3, Replies(CleaningRule.Choose(null, "all")).Count());

        IEnumerable<string?> Replies(IReadOnlyList<CleaningRule> rules) => Clean(rules, rows).Rows.Select(r => r.Conversation!.Messages[^1].Content);
    }

    [Fact]
    public void A_rule_that_is_none_is_named_with_those_that_are()
    {
        var error = Assert.Throws<FormatException>(() => CleaningRule.Choose(null, "spelling"));
        Assert.Contains("'spelling' is no cleaning rule", error.Message);
        Assert.Contains("white_space", error.Message);
    }

    [Theory]
    [InlineData("""{"prompt":"Q","chosen":" good ","rejected":"bad","tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}""")]
    [InlineData("""{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"completion":" good ","label":false}""")]
    public void Preferences_are_cleaned_written_and_read_again(string line)
    {
        DatasetRow row = Read(line), cleaned = new DatasetCleaner(CleaningRule.Choose(null, null)).Clean(row)!;
        Assert.Equal("good", cleaned.Preference!.Reply.Messages[^1].Content);
        using var written = new MemoryStream();
        ConversationWriter.Write(written, cleaned.Preference);
        PreferenceRow again = Read(Encoding.UTF8.GetString(written.ToArray())).Preference!;
        Assert.Equal(cleaned.Preference.IsGood, again.IsGood);
        Assert.Equal(Texts(cleaned.Preference.Reply), Texts(again.Reply));
        Assert.Equal(Texts(cleaned.Preference.Rejected), Texts(again.Rejected));
        Assert.Equal(cleaned.Preference.Reply.Tools.Count, again.Reply.Tools.Count);

        static DatasetRow Read(string line) => Assert.Single(ConversationReader.Read(
            new MemoryStream(Encoding.UTF8.GetBytes(line)), file: "p.jsonl", options: new() { WantsPreferences = true }));

        static IEnumerable<(ChatRole, string?)>? Texts(Conversation? conversation) => conversation?.Messages.Select(m => (m.Role, m.Content));
    }

    private static (DatasetRow[] Rows, DatasetCleaner Cleaner) Clean(IReadOnlyList<CleaningRule> rules, params (string Question, string Reply)[] rows)
    {
        var cleaner = new DatasetCleaner(rules);
        return ([.. rows.Select((row, i) => cleaner.Clean(SplitTests.Row(i + 1, row.Question, row.Reply))).OfType<DatasetRow>()], cleaner);
    }
}
