using FineTuneChat.Datasets.Messages;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Files as users and guides have them, and that went wrong once: each in <c>Data/</c>.</summary>
public sealed class CaseTests
{
    [Fact]
    public void A_table_of_Windows_is_read_with_its_letters_and_that_is_said()
    {
        (DatasetRow[] rows, DatasetReport report) = Read("precios.csv");
        Assert.Equal(("¿Abren mañana?", "Sí, señor"), Pair(Assert.Single(rows)));
        Assert.Equal(("Windows-1252", "CSV, separated by \";\""), (report.Encoding, report.Format));
        Assert.Contains("which is a guess", Assert.Single(report.Notices).Text);
    }

    [Fact]
    public void A_list_of_JSON_is_as_good_as_lines()
    {
        (DatasetRow[] rows, DatasetReport report) = Read("alpaca.json");
        Assert.Equal([("Hola", "Buenas"), ("Adiós", "Hasta luego")], rows.Select(Pair));
        Assert.Equal(("JSON list", "item"), (report.Format, report.Unit));
        Assert.Empty(report.Notices);
    }

    [Fact]
    public void A_value_that_is_JSON_becomes_its_compact_text_and_that_is_said()
    {
        (DatasetRow[] rows, DatasetReport report) = Read("output-object.jsonl");
        Assert.Equal(
            [
                """{"project_name":"Alpha","status":"Verde","budget_used_eur":4500,"blockers_today":[{"ticket_id":"9812","delay_hours":2}]}""",
                """["rojo","verde"]""",
                "5",
            ],
            rows.Select(r => Pair(r).Item2));
        Assert.Equal(
            ["output is an object", "output is an array", "output is a number"],
            report.Notices.Where(n => n.Kind == NoticeKinds.JsonValues).Select(n => n.Text.Split(':')[0]));
        Assert.StartsWith("""{"project_name":"Alpha",""", Pair(Assert.Single(Read("content-object.jsonl").Rows)).Item2);
    }

    [Fact]
    public void Half_escaped_JSON_is_named_line_by_line()
    {
        (DatasetRow[] rows, DatasetReport report) = Read("tickets.jsonl");
        Assert.Contains("half-escaped", rows[0].Error);
        Assert.Equal([NoticeKinds.HalfEscapedJson], rows[1].Notices);
        DatasetNotice notice = Assert.Single(report.Notices);
        Assert.Equal((NoticeKinds.HalfEscapedJson, 1, 2), (notice.Kind, notice.Count, Assert.Single(notice.Rows)));
    }

    [Fact]
    public void Objects_that_span_lines_are_read_and_that_is_said_once()
    {
        (DatasetRow[] rows, DatasetReport report) = Read("wrapped.jsonl");
        Assert.Equal([(1, """{"a": 1}"""), (4, """{"a": 2}""")], rows.Select(r => (r.Line, Pair(r).Item2)));
        Assert.Contains("span several lines", Assert.Single(report.Notices).Text);
    }

    [Fact]
    public void Cells_of_a_sheet_are_read_as_it_shows_them()
    {
        (DatasetRow[] rows, DatasetReport report) = Read("dates2.xlsx");
        Assert.Equal(["05/03/2024", "09:30", "21.00%"], rows.Select(r => Pair(r).Item2));
        Assert.Equal("Excel, sheet \"S1\"", report.Format);
    }

    [Fact]
    public void The_data_of_the_guides_is_taken_as_it_stands()
    {
        (DatasetRow[] rows, DatasetReport report) = Read("conversaciones.csv");
        Assert.Equal([("¿A qué hora abren?", "Abrimos a las 9."), ("¿Hacen envíos?", "  Sí, a toda España. ")], rows.Select(Pair));
        Assert.Contains("\"message\" is taken for the reply", Assert.Single(report.Notices).Text);

        (rows, report) = Read("ejemplos.json");
        Assert.Equal(("¿Capital de España?", "Madrid."), Pair(rows[0]));
        Assert.Equal((4, 0), (rows.Length, report.Notices.Count));

        (rows, report) = Read("estoicos.jsonl");
        Assert.Equal((3, 0), (rows.Count(r => r.Conversation is not null), report.Notices.Count));
    }

    private static (DatasetRow[] Rows, DatasetReport Report) Read(string name)
    {
        var report = new DatasetReport();
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", name));
        return ([.. ConversationReader.Read(file, file: name, report: report)], report);
    }

    private static (string?, string?) Pair(DatasetRow row)
    {
        Assert.Null(row.Error);
        Assert.Equal([ChatRole.User, ChatRole.Assistant], row.Conversation!.Messages.Select(m => m.Role));
        return (row.Conversation.Messages[0].Content, row.Conversation.Messages[1].Content);
    }
}
