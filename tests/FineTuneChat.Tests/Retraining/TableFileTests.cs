using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Datasets.Tests.Tables;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

public sealed class TableFileTests
{
    [Theory]
    [InlineData("Prompt,Completion\nHi,\"Hello, \"\"you\"\"!\nBye\"\n,\nMore,\n")]
    [InlineData("prompt;completion;note\nHi;\"Hello, \"\"you\"\"!\nBye\";x\n;;\nMore;;\n")]
    public void Text_is_read_with_its_quotes_and_delimiters(string table)
    {
        ImportedRows rows = Read(Encoding.UTF8.GetBytes(table), "a.csv");
        Assert.Equal(("Hi", "Hello, \"you\"!\nBye"), (rows.Examples.Single().Draft.Messages[0].Content, rows.Examples.Single().Draft.Messages[1].Content));
        Assert.Equal((2, 4), (rows.Examples.Single().Line, rows.Errors.Single().Line)); // the header is row 1, an empty row is passed over
        Assert.Contains("completion is missing", rows.Errors.Single().Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_sheet_is_imported_from_its_bytes()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        string[] rows = ["instruction,input,output", "Translate,¡Hola!,Hello!", "Add,2 + 2,4"];
        byte[] sheet = new WorkbookBuilder().Sheet(string.Concat(rows.Select((row, i) => WorkbookBuilder.Row(i + 1, row.Split(','))))).Build();
        (int status, JsonNode report) = await gateway.PostAsync("/api/dataset/import", new { file = "faq.xlsx", base64 = Convert.ToBase64String(sheet) });
        Assert.True(status == 200, report.ToJsonString());
        Assert.Equal((2, 2, 0), ((int)report["rows"]!, (int)report["accepted"]!, (int)report["bad_rows"]!));
        Assert.Equal("Translate\n\n¡Hola!", (string?)report["examples"]![0]!["messages"]![0]!["content"]);
    }

    [Theory]
    [InlineData("a.xlsx", "not a sheet")]
    [InlineData("a.csv", "prompt,completion\n\"never closed")]
    public void What_is_no_table_is_told_in_words(string file, string content)
    {
        try
        {
            Assert.NotEmpty(Read(Encoding.UTF8.GetBytes(content), file).Errors);
        }
        catch (InvalidDataException e)
        {
            Assert.Contains($"{file} cannot be read", e.Message);
        }
    }

    private static ImportedRows Read(byte[] table, string file) => DatasetImport.Read(new DatasetSource(new MemoryStream(table), file));
}
