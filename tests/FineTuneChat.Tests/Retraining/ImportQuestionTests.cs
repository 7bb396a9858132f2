using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

/// <summary>What a file leaves open is asked through the API, with all that a dialog needs for the answer.</summary>
public sealed class ImportQuestionTests
{
    private const string Chat = "12/03/24, 10:15 - Ana: Hola\n12/03/24, 10:16 - Luis: Buenas\n12/03/24, 10:17 - Luis: ¿Qué tal?\n";

    [Fact]
    public async Task Columns_that_are_not_clear_are_shown_asked_and_mapped()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        const string Table = "text,label,source\nGoal in the last minute,sports,web\n";
        JsonNode preview = await ImportAsync(gateway, 200, new { file = "a.csv", text = Table, dry_run = true });
        Assert.Equal(("columns", 0), ((string?)preview["question"]!["about"], (int)preview["accepted"]!));
        Assert.Equal(["text:prompt", "label:reply", "source:"], preview["columns"]!.AsArray().Select(c => $"{c!["name"]}:{c["guess"]}"));
        Assert.Equal("Goal in the last minute", (string?)preview["columns"]![0]!["samples"]![0]);

        JsonNode error = await ImportAsync(gateway, 400, new { file = "a.csv", text = Table });
        Assert.Equal(("map", "columns_unclear"), ((string?)error["error"]!["param"], (string?)error["error"]!["code"]));
        Assert.Contains("prompt=text,reply=label", (string?)error["error"]!["message"]);
        JsonNode wrong = await ImportAsync(gateway, 400, new { text = Table, map = new { question = "text" } });
        Assert.Contains("allowed: system, prompt", (string?)wrong["error"]!["message"]);

        JsonNode report = await ImportAsync(gateway, 200, new { file = "a.csv", text = Table, map = new { prompt = "text", reply = "label" } });
        Assert.Equal((null, 1), (report["question"], (int)report["accepted"]!));
        JsonNode notice = Assert.Single(report["notices"]!.AsArray())!;
        Assert.Equal(("extra_columns", "\"source\" is not used", 1), ((string?)notice["kind"], (string?)notice["text"], (int)notice["count"]!));
    }

    [Fact]
    public async Task Of_a_chat_between_people_it_is_asked_who_is_to_be_imitated()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        JsonNode preview = await ImportAsync(gateway, 200, new { file = "_chat.txt", text = Chat, dry_run = true });
        Assert.Equal("speaker", (string?)preview["question"]!["about"]);
        Assert.Equal(["Luis 2", "Ana 1"], preview["speakers"]!.AsArray().Select(s => $"{s!["name"]} {s["messages"]}"));
        JsonNode report = await ImportAsync(gateway, 200, new { file = "_chat.txt", text = Chat, @as = "Luis" });
        Assert.Equal("Buenas\n¿Qué tal?", (string?)report["examples"]![0]!["messages"]![1]!["content"]);
    }

    [Fact]
    public async Task Bytes_of_another_encoding_are_detected_or_named_and_what_looks_broken_is_kept_aside()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        JsonNode western = await ImportAsync(gateway, 200, new { file = "a.csv", base64 = Base64("prompt;completion\n¿Abren mañana?;Sí, señor\n", 1252) });
        Assert.Equal(("Windows-1252", "Sí, señor"), ((string?)western["encoding"], (string?)western["examples"]![0]!["messages"]![1]!["content"]));
        string cyrillic = Base64("prompt;completion\nКогда вы открыты?;В девять часов\n", 1251);
        Assert.Contains("line 2 is no UTF-8", (string?)(await ImportAsync(gateway, 400, new { file = "a.csv", base64 = cyrillic }))["error"]!["message"]);
        JsonNode named = await ImportAsync(gateway, 200, new { file = "a.csv", base64 = cyrillic, encoding = "windows-1251" });
        Assert.Equal("В девять часов", (string?)named["examples"]![0]!["messages"]![1]!["content"]);

        string[] rows = ["""{"prompt":"Q","completion":"Ma\u00c3\u00b1ana"}""", """{"prompt":"R","completion":"{\\\"a\\\": 1}"}"""];
        JsonNode broken = await ImportAsync(gateway, 200, new { text = string.Join('\n', rows) });
        Assert.Equal((0, 2), ((int)broken["accepted"]!, (int)broken["excluded"]!));
        Assert.Equal(["mojibake", "half_escaped_json"], broken["examples"]!.AsArray().Select(e => (string?)e!["flags"]![0]));
    }

    [Fact]
    public async Task Preferences_are_no_examples_unless_they_are_meant_to_be()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        const string Row = """{"prompt":"Q","chosen":"A","rejected":"B"}""";
        JsonNode report = await ImportAsync(gateway, 200, new { text = Row });
        Assert.Equal((1, 0, 0, "dpo"), ((int)report["rows"]!, (int)report["accepted"]!, (int)report["bad_rows"]!, (string?)report["notices"]![0]!["kind"]));
        Assert.Equal(1, (int)(await ImportAsync(gateway, 200, new { text = Row, chosen = true }))["accepted"]!);
    }

    private static string Base64(string text, int codePage) => Convert.ToBase64String(Encoding.GetEncoding(codePage).GetBytes(text));

    private static async Task<JsonNode> ImportAsync(TestGateway gateway, int expected, object body)
    {
        (int status, JsonNode answer) = await gateway.PostAsync("/api/dataset/import", body);
        Assert.True(status == expected, answer.ToJsonString());
        return answer;
    }
}
