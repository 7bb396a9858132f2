using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Chats as other programs export them.</summary>
public sealed class ChatExportTests
{
    private const string ChatGpt = """
        [{"title":"Tildes","create_time":1.7e9,"current_node":"d","mapping":{
          "r":{"id":"r","message":null,"parent":null,"children":["s"]},
          "s":{"id":"s","message":{"author":{"role":"system"},"content":{"content_type":"text","parts":[""]}},"parent":"r","children":["a"]},
          "a":{"id":"a","message":{"author":{"role":"user"},"content":{"content_type":"multimodal_text","parts":[{"asset_pointer":"x"},"¿Qué es esto?"]},"recipient":"all"},"parent":"s","children":["b","b2"]},
          "b2":{"id":"b2","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["Otra cosa."]}},"parent":"a","children":[]},
          "b":{"id":"b","message":{"author":{"role":"assistant"},"content":{"content_type":"code","text":"search('x')"},"recipient":"browser"},"parent":"a","children":["t"]},
          "t":{"id":"t","message":{"author":{"role":"tool","name":"browser"},"content":{"content_type":"text","parts":["found"]}},"parent":"b","children":["c"]},
          "c":{"id":"c","message":{"author":{"role":"assistant"},"content":{"content_type":"text","parts":["Una tilde."]},"recipient":"all"},"parent":"t","children":["d"]},
          "d":{"id":"d","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["Gracias"]}},"parent":"c","children":[]}}},
         {"title":"Leer","current_node":"x","mapping":{"x":{"id":"x","message":null,"parent":"x","children":[]}}}]
        """;

    private const string OpenWebUi = """
        [{"id":"1","title":"t","chat":{"params":{"system":"Be brief."},"history":{"currentId":"c","messages":{
          "a":{"id":"a","parentId":null,"childrenIds":["b","c"],"role":"user","content":"Q","files":[{"type":"image"}]},
          "b":{"id":"b","parentId":"a","childrenIds":[],"role":"assistant","content":"old"},
          "c":{"id":"c","parentId":"a","childrenIds":[],"role":"assistant","content":"<details type=\"reasoning\" done=\"true\"><summary>Thought</summary>\nhm\n</details>\nA"}}},
          "messages":[]}},
         {"id":"2","chat":{"messages":[{"role":"user","content":"Q2"},{"role":"assistant","content":"A2"}]}}]
        """;

    private const string LmStudio = """
        {
          "name": "t", "systemPrompt": "Be brief.",
          "messages": [
            {"versions": [{"type":"singleStep","role":"user","content":[{"type":"text","text":"Q"},{"type":"file"}]}], "currentlySelected": 0},
            {"versions": [
              {"type":"multiStep","role":"assistant","steps":[{"type":"contentBlock","content":[{"type":"text","text":"old"}]}]},
              {"type":"multiStep","role":"assistant","steps":[
                {"type":"contentBlock","content":[{"type":"text","text":"hm"}],"style":{"type":"thinking"}},
                {"type":"contentBlock","content":[{"type":"text","text":"A"}]},
                {"type":"debugInfoBlock","debugInfo":"x"}]}], "currentlySelected": 1}
          ]
        }
        """;

    [Fact]
    public void Of_ChatGPT_what_was_shown_is_read_and_what_is_left_out_is_told()
    {
        var file = new DatasetText(ChatGpt, "conversations.json");
        Assert.Equal(["u:¿Qué es esto?", "a:Una tilde."], DatasetText.Of(file.Rows[0]));
        Assert.Equal("the chat has no reply", file.Rows[1].Error); // a ring of one
        Assert.Equal(["branches", "left_out", "media", "tools"], file.Report.Notices.Select(n => n.Kind).Order());
    }

    [Fact]
    public void Of_Open_WebUI_both_layouts_are_read_with_reasoning_apart()
    {
        var file = new DatasetText(OpenWebUi);
        Assert.Equal(["s:Be brief.", "u:Q", "a:A"], DatasetText.Of(file.Rows[0]));
        Assert.Equal("hm", file.Rows[0].Conversation!.Messages[2].Reasoning);
        Assert.Equal(["u:Q2", "a:A2"], DatasetText.Of(file.Rows[1]));
        Assert.Equal(["branches", "media"], file.Report.Notices.Select(n => n.Kind).Order());
    }

    [Fact]
    public void Of_LM_Studio_the_versions_that_are_shown_are_read()
    {
        var file = new DatasetText(LmStudio, "1700000000.conversation.json");
        Assert.Equal(["s:Be brief.", "u:Q", "a:A"], file.Turns);
        Assert.Equal("hm", file.Rows[0].Conversation!.Messages[2].Reasoning);
        Assert.Equal(["branches", "layout", "media"], file.Report.Notices.Select(n => n.Kind).Order());
    }

    [Theory]
    [InlineData("[12/03/24, 10:15:32] ", "[13/03/24, 9:00:00] ")]
    [InlineData("[12.03.24, 10:15:32] ", "[13.03.24, 09:00:00] ")]
    [InlineData("[3/12/24, 10:15:32\u202FAM] ", "[3/13/24, 9:00:00\u202FAM] ")]
    [InlineData("12/03/24, 10:15 - ", "13/3/2024, 9:00 - ")]
    [InlineData("12/3/24, 10:15\u00A0a.\u00A0m. - ", "13/3/24, 9:00\u00A0a.\u00A0m. - ")]
    [InlineData("2024-03-12, 10:15 - ", "2024-03-13, 09:00 - ")]
    [InlineData("3/12/24, 10:15 AM - ", "3/13/24, 9:00 AM - ")]
    [InlineData("12.03.24, 10:15 - ", "13.03.24, 09:00 - ")]
    public void A_WhatsApp_chat_is_read_in_the_forms_of_telephones(string day, string next)
    {
        string chat = $"""
            {day}Los mensajes y las llamadas están cifrados de extremo a extremo.
            {day}Ana: Hola
            ¿estás?
            {day}Luis: Sí
            {day}Luis: dime: ¿qué pasa?
            {day}Ana: <Multimedia omitido>
            {day}Ana: nada
            {next}Luis: Buenos días
            {next}Ana: Buenas
            {next}Luis: Aquí
            """;
        var asked = Assert.Throws<DatasetQuestionException>(() => new DatasetText(chat, "_chat.txt"));
        Assert.Equal(DatasetQuestion.Speaker, asked.Kind);
        Assert.Contains("--as NAME", asked.Message);
        Assert.Contains("Luis (4 messages), Ana (3 messages)", asked.Message);
        Assert.Contains("Nobody in the chat is called Eva", DatasetText.Refused(chat, "_chat.txt", new DatasetOptions { As = "Eva" }));

        var file = new DatasetText(chat, "_chat.txt", new DatasetOptions { As = "luis" });
        Assert.Equal(
            ["u:Hola\n¿estás?", "a:Sí\ndime: ¿qué pasa?", "u:Buenas", "a:Aquí"],
            file.Rows.SelectMany(DatasetText.Of));
        Assert.Equal(
            [("left_out", 1), ("left_out", 1), ("left_out", 1), ("media", 1)], // WhatsApp's line, a last question, a beginning without one
            file.Notices.Order());
    }

    [Fact]
    public void In_a_group_everybody_else_is_named()
    {
        const string Chat = "12/03/24, 10:15 - Ana: Hola\n12/03/24, 10:16 - Eva: ¿Vienes?\n12/03/24, 10:17 - Luis: Voy\n";
        var file = new DatasetText(Chat, options: new DatasetOptions { As = "Luis" });
        Assert.Equal(["u:Ana: Hola\nEva: ¿Vienes?", "a:Voy"], file.Turns);
    }
}
