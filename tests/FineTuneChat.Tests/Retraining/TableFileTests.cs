using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
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
        Assert.Contains("completion", rows.Errors.Single().Message);
    }

    [Fact]
    public async Task A_sheet_is_imported_from_its_bytes()
    {
        await using TestGateway gateway = await TestGateway.StartWithoutEngineAsync();
        byte[] sheet = Sheet(["instruction", "input", "output"], ["Translate", "¡Hola!", "Hello!"], ["Add", "2 + 2", "4"]);
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
            Assert.Contains($"{file} cannot be read as a table", e.Message);
        }
    }

    private static ImportedRows Read(byte[] table, string file) => DatasetImport.Read(new MemoryStream(table), file);

    /// <summary>The smallest workbook that is one.</summary>
    private static byte[] Sheet(params string[][] rows)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("[Content_Types].xml", """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>""");
            Add("_rels/.rels", """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
            Add("xl/_rels/workbook.xml.rels", """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""");
            Add("xl/workbook.xml", """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>""");
            string cells = string.Concat(rows.Select((row, r) => $"<row r=\"{r + 1}\">{string.Concat(row.Select((cell, c) => $"<c r=\"{(char)('A' + c)}{r + 1}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"))}</row>"));
            Add("xl/worksheets/sheet1.xml", $"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>""");

            void Add(string name, string xml)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(xml));
            }
        }
        return bytes.ToArray();
    }
}
