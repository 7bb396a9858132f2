using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Rows in the spellings that programs and people have.</summary>
public sealed class RowShapeTests
{
    [Theory]
    [InlineData("""{"user":"Q","assistant":"A"}""", "u:Q a:A")]
    [InlineData("""{"question":"Q","answer":"A"}""", "u:Q a:A")]
    [InlineData("""{"input":"Q","output":"A"}""", "u:Q a:A")]
    [InlineData("""{"Pregunta":"Q","Respuesta":"A"}""", "u:Q a:A")]
    [InlineData("""{"Frage":"Q","Antwort":"A"}""", "u:Q a:A")]
    [InlineData("""{"question":"Q","réponse":"A"}""", "u:Q a:A")]
    [InlineData("""{"pergunta":"Q","resposta":"A"}""", "u:Q a:A")]
    [InlineData("""{"domanda":"Q","risposta":"A"}""", "u:Q a:A")]
    [InlineData("""{"Instrucción":"Q","Entrada":"I","Salida":"A"}""", "u:Q\n\nI a:A")]
    [InlineData("""{"instruction":"Q","context":"I","response":"A","category":"open_qa"}""", "u:Q\n\nI a:A")] // dolly
    [InlineData("""{"instruction":"Q","input":"","output":"A","system":"S","history":[["q","a"]]}""", "s:S u:q a:a u:Q a:A")] // alpaca of LLaMA-Factory
    [InlineData("""{"instruction":"Q","output":"A","prompt":"rendered"}""", "u:Q a:A")]
    [InlineData("""{"prompt":"x","prompt_id":"1","messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}""", "u:Q a:A")]
    [InlineData("""{"prompt":[{"role":"user","content":"Q"}],"completion":"A"}""", "u:Q a:A")] // TRL
    [InlineData("""{"conversation":[{"from":"Human","value":"Q"},{"from":"GPT","value":"A"}]}""", "u:Q a:A")]
    [InlineData("""{"conversations":[{"role":"user","value":"Q"},{"role":"bot","text":"A"}]}""", "u:Q a:A")]
    [InlineData("""{"system":"S","conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"A"}]}""", "s:S u:Q a:A")]
    [InlineData("""{"conversations":"[{\"from\":\"human\",\"value\":\"Q\"},{\"from\":\"gpt\",\"value\":\"A\"}]"}""", "u:Q a:A")] // as a cell has it
    [InlineData("""{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":["A"]}]}""", """u:Q a:["A"]""")]
    [InlineData("""{"chat_messages":[{"sender":"human","text":"Q"},{"sender":"assistant","text":"A"}]}""", "u:Q a:A")] // Claude's export
    [InlineData(
        """{"conversations":[{"from":"human","value":"Q"},{"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{\"x\":1}}"},{"from":"observation","value":"R"},{"from":"gpt","value":"A"}],"tools":"[{\"name\":\"f\",\"parameters\":{}}]"}""",
        """u:Q a:f({"x":1}) t:R a:A""")]
    public void A_spelling_is_known(string row, string turns) => Assert.Equal(turns, string.Join(" ", new DatasetText(row).Turns));

    [Fact]
    public void Functions_are_kept_whatever_their_spelling()
    {
        var file = new DatasetText("""{"instruction":"Q","output":"A","tools":"[{\"name\":\"f\",\"parameters\":{}}]"}""");
        Assert.Equal("f", file.Rows[0].Conversation!.Tools[0].Name);
        Assert.Equal("f", file.Rows[0].Conversation!.Tools[0].Definition.GetProperty("function").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("""{"text":"Q","label":"A"}""", "prompt=text,reply=label")]
    [InlineData("""{"question":"Q","human answer":"A","model answer":"B"}""", "\"prompt=question,reply=model answer\"")]
    [InlineData("""{"a":"1","b":"2","c":"3"}""", "prompt=a,reply=c")]
    public void What_is_not_sure_is_asked_and_answered_by_a_map(string row, string suggestion)
    {
        var report = new DatasetReport();
        var asked = Assert.Throws<DatasetQuestionException>(() => ConversationReader.Read(Stream(row), report: report).Count());
        Assert.Equal(DatasetQuestion.Columns, asked.Kind);
        Assert.Contains(suggestion, asked.Message);
        Assert.All(report.Columns, c => Assert.Single(c.Samples)); // for who answers
        Assert.Equal(["prompt", "reply"], report.Columns.Select(c => c.Guess).OfType<string>());
        var map = ColumnMap.Parse(suggestion.Trim('"'));
        Assert.NotNull(Assert.Single(ConversationReader.Read(Stream(row), options: new DatasetOptions { Map = map })).Conversation);
    }

    [Theory]
    [InlineData("prompt", "'prompt' is no pair")]
    [InlineData("prompt=", "names no column")]
    [InlineData("question=a,reply=b", "'question' is nothing that a column can be; allowed: system, prompt")]
    [InlineData("prompt=a,prompt=b", "named twice")]
    [InlineData("prompt=a", "at least prompt and reply")]
    [InlineData("1=a,reply=b", "'1' is nothing")]
    public void A_wrong_map_is_told(string map, string reason) => Assert.Contains(reason, Assert.Throws<FormatException>(() => ColumnMap.Parse(map)).Message);

    [Fact]
    public void A_column_that_the_map_names_and_nobody_has_is_told()
    {
        var options = new DatasetOptions { Map = ColumnMap.Parse("prompt=Frage,reply=Antwort") };
        Assert.Contains("there is no column \"Antwort\"", new DatasetText("""{"frage":"Q","x":"A"}""", options: options).Rows[0].Error);
    }

    [Theory]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B"}""", "dpo", "u:Q a:A")]
    [InlineData(
        """{"messages":[{"role":"user","content":"Q"}],"chosen":{"role":"assistant","content":"A"},"rejected":{"role":"assistant","content":"B"}}""",
        "dpo", "u:Q a:A")]
    [InlineData(
        """{"chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"rejected":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}]}""",
        "dpo", "u:Q a:A")]
    [InlineData(
        """{"conversations":[{"from":"human","value":"Q"}],"chosen":{"from":"gpt","value":"A"},"rejected":{"from":"gpt","value":"B"}}""",
        "dpo", "u:Q a:A")]
    [InlineData("""{"prompt":"Q","completion":"A","label":true}""", "kto", "u:Q a:A")]
    [InlineData("""{"messages":[{"role":"user","content":"Q"}],"completion":"A","label":"True"}""", "kto", "u:Q a:A")]
    [InlineData("""{"prompt":"Q","completion":"B","label":false}""", "kto", null)]
    public void Preferences_are_counted_and_are_examples_only_if_the_user_says_so(string row, string kind, string? turns)
    {
        var file = new DatasetText(row);
        Assert.Equal((null, null), (file.Rows[0].Conversation, file.Rows[0].Error));
        Assert.Equal([(kind, 1)], file.Notices);
        Assert.Contains($"--method {kind}", file.Report.Notices[0].Text);

        DatasetRow taken = new DatasetText(row, options: new DatasetOptions { TakesChosen = true }).Rows[0];
        Assert.Equal(turns, taken.Conversation is null ? null : string.Join(" ", DatasetText.Of(taken)));
    }

    [Fact]
    public void A_label_that_is_no_truth_is_no_preference() =>
        Assert.Equal([("extra_columns", 1)], new DatasetText("""{"prompt":"Q","completion":"A","label":"news"}""").Notices);

    private static MemoryStream Stream(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));
}
