using System.Globalization;
using FineTuneChat.Datasets.Formats;
using FineTuneChat.Datasets.Reports;
using Parquet.Schema;
using Parquet.Serialization;

namespace FineTuneChat.Datasets.Tests.Tables;

/// <summary>Tables as people make them.</summary>
public sealed class TableTests
{
    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("\t")]
    [InlineData("|")]
    [InlineData("^")]
    [InlineData("~")]
    public void Any_separator_is_found(string separator)
    {
        var file = new DatasetText($"pregunta{separator}respuesta\n¿Hola?{separator}Buenas\n", "a.txt");
        Assert.Equal(["u:¿Hola?", "a:Buenas"], file.Turns);
        Assert.StartsWith("CSV, separated by", file.Report.Format);
    }

    [Fact]
    public void Titles_above_the_names_are_passed_over_and_told()
    {
        var file = new DatasetText("Preguntas frecuentes;;\n;;\nActualizado;2026;\nPregunta;Respuesta;Notas\n¿Hola?;Buenas;x\n;;\n", "a.csv");
        Assert.Equal(["u:¿Hola?", "a:Buenas"], file.Turns);
        Assert.Equal(5, file.Rows[0].Line);
        Assert.Equal([("empty_rows", 1), ("extra_columns", 1), ("title_rows", 2)], file.Notices.Order());
    }

    [Fact]
    public void A_text_with_the_separator_in_it_and_no_quotes_is_an_error_of_its_row()
    {
        DatasetRow[] rows = new DatasetText("prompt,completion\nHi, there,Hello\nHi,Hello\n", "a.csv").Rows;
        Assert.Equal("has 3 values for 2 columns: put a text that holds the separator in quotes", rows[0].Error);
        Assert.NotNull(rows[1].Conversation);
    }

    [Fact]
    public void A_table_without_names_is_asked_about_and_read_by_place()
    {
        Assert.Contains("\"Hola\", \"Buenas\"", DatasetText.Refused("Hola,Buenas\nAdiós,Hasta luego\n", "a.csv"));
        var file = new DatasetText("Hola,Buenas\nAdiós,Hasta luego\n", "a.csv", new DatasetOptions { Map = ColumnMap.Parse("prompt=#1,reply=#2") });
        Assert.Equal(["u:Hola", "a:Buenas", "u:Adiós", "a:Hasta luego"], file.Rows.SelectMany(DatasetText.Of));
    }

    [Fact]
    public void The_first_sheet_that_is_shown_and_has_data_is_read_and_the_others_are_named()
    {
        byte[] book = new WorkbookBuilder(("Notes", "hidden"), ("Empty", "visible"), ("FAQ", "visible"), ("Old", "visible"))
            .Sheet(1, WorkbookBuilder.Row(1, "prompt", "completion") + WorkbookBuilder.Row(2, "hidden", "x"))
            .Sheet(2, "")
            .Sheet(3, WorkbookBuilder.Row(1, "FAQ of 2026") + WorkbookBuilder.Row(3, "Frage", "Antwort") + WorkbookBuilder.Row(4, "Hallo?", "Guten Tag"))
            .Sheet(4, WorkbookBuilder.Row(1, "prompt", "completion")).Build();
        var file = new DatasetText(book, "a.dat");
        Assert.Equal(["u:Hallo?", "a:Guten Tag"], file.Turns);
        Assert.Equal("Excel, sheet \"FAQ\"", file.Report.Format);
        Assert.Equal(
            ["the hidden sheet \"Notes\" is not read", "the sheet \"Old\" is not read"],
            file.Report.Notices.Where(n => n.Kind == NoticeKinds.OtherParts).Select(n => n.Text));
    }

    [Theory]
    [InlineData("dd/mm/yyyy", 45356, "05/03/2024")]
    [InlineData("yyyy-mm-dd hh:mm", 45356.75, "2024-03-05 18:00")]
    [InlineData("h:mm AM/PM", 0.75, "6:00 PM")]
    [InlineData("[h]:mm", 1.25, "30:00")]
    [InlineData("0%", 0.21, "21%")]
    [InlineData("#,##0.00", 1234.5, "1,234.50")]
    [InlineData("0.00\\ \"€\"", 12.5, "12.50 €")]
    [InlineData("00000", 28001, "28001")]
    [InlineData("General", 0.30000000000000004, "0.3")]
    [InlineData("General", 9007199254740993, "9.00719925474099E+15")]
    public void Numbers_are_read_as_the_cell_shows_them(string format, double value, string text)
    {
        byte[] book = new WorkbookBuilder().Styles(format).Sheet(WorkbookBuilder.Row(1, "prompt", "completion")
            + $"<row r=\"2\">{WorkbookBuilder.Cell("A2", "Q")}<c r=\"B2\" s=\"1\"><v>{value.ToString(CultureInfo.InvariantCulture)}</v></c></row>").Build();
        Assert.Equal(["u:Q", $"a:{text}"], new DatasetText(book, "a.xlsx").Turns);
    }

    [Fact]
    public void A_cell_with_an_error_is_empty_and_told()
    {
        byte[] book = new WorkbookBuilder().Sheet(WorkbookBuilder.Row(1, "prompt", "completion")
            + $"<row r=\"2\">{WorkbookBuilder.Cell("A2", "Q")}<c r=\"B2\" t=\"e\"><v>#N/A</v></c></row>").Build();
        var file = new DatasetText(book, "a.xlsx");
        Assert.Equal("completion is missing", file.Rows[0].Error);
        Assert.Contains(("cell_errors", 1), file.Notices);
    }

    [Fact]
    public async Task Parquet_is_read_with_lists_in_its_cells()
    {
        var schema = new ParquetSchema(
            new DataField<int>("id"),
            new ListField("conversations", new StructField("element", new DataField<string>("from"), new DataField<string>("value"))));
        List<IDictionary<string, object?>> rows = [.. Enumerable.Range(1, 3).Select(i => (IDictionary<string, object?>)new Dictionary<string, object?>
        {
            ["id"] = i,
            ["conversations"] = new List<IDictionary<string, object>>
            {
                new Dictionary<string, object> { ["from"] = "human", ["value"] = $"¿{i}?" },
                new Dictionary<string, object> { ["from"] = "gpt", ["value"] = $"{i}." },
            },
        })];
        var file = new MemoryStream();
        await ParquetSerializer.SerializeUntypedAsync(rows, schema, file, null, null, default);

        var read = new DatasetText(file.ToArray(), "a.parquet");
        Assert.Equal(["u:¿1?", "a:1.", "u:¿2?", "a:2.", "u:¿3?", "a:3."], read.Rows.SelectMany(DatasetText.Of));
        Assert.Equal([("extra_columns", 3)], read.Notices);
        var limits = new DatasetLimits { Rows = 2 };
        Assert.Contains("2 are read", Assert.Throws<InvalidDataException>(() => new DatasetText(file.ToArray(), limits: limits)).Message);
        for (int length = 4; length < file.Length; length += 37)
            Assert.Throws<InvalidDataException>(() => new DatasetText(file.ToArray()[..length], "a.parquet"));
    }
}
