using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Presentation;
using DocumentFormat.OpenXml.Wordprocessing;
using A = DocumentFormat.OpenXml.Drawing;
using Text = DocumentFormat.OpenXml.Wordprocessing.Text;

namespace FineTuneChat.Documents.Tests;

/// <summary>What each kind of file says, and where it says it.</summary>
public sealed class DocumentReaderTests
{
    [Fact]
    public void A_pdf_has_pages_and_headings()
    {
        Document read = Read("manual.pdf", TestFiles.Pdf(
            "#Warranty\nThe boiler is guaranteed for\nseven years from the date of purchase.", "#Noise\nIt makes 38 decibels."));

        Passage years = Assert.Single(read.Passages, p => p.Text.Contains("seven years"));
        Assert.Equal(("The boiler is guaranteed for seven years from the date of purchase.", "Warranty", new Place(PlaceKind.Page, 1)),
            (years.Text, years.Heading, years.Place));
        Passage noise = Assert.Single(read.Passages, p => p.Text.Contains("decibels"));
        Assert.Equal(("Noise", new Place(PlaceKind.Page, 2)), (noise.Heading, noise.Place));
    }

    [Fact]
    public void A_word_that_a_pdf_cuts_at_the_end_of_a_line_is_whole() =>
        Assert.Contains(Read("a.pdf", TestFiles.Pdf("The guaran-\ntee is long.")).Passages, p => p.Text == "The guarantee is long.");

    [Fact]
    public void A_pdf_of_pictures_is_refused_with_what_to_do() => AssertRefused("scan.pdf", TestFiles.Pdf(""), "OCR");

    [Fact]
    public void A_word_document_has_its_headings_in_any_language_and_its_tables()
    {
        var table = new Table(new TableRow(new TableCell(TestFiles.Said("Lima")), new TableCell(TestFiles.Said("14 °C"))));
        Document read = Read("informe.docx", TestFiles.Word(
            TestFiles.Heading(1, "Clima"), TestFiles.Said("Hace frío."), TestFiles.Heading(2, "Ciudades"), table));

        Assert.Equal(
            [("Clima", "Clima"), ("Hace frío.", "Clima"), ("Ciudades", "Clima › Ciudades"), ("Lima | 14 °C", "Clima › Ciudades")],
            read.Passages.Select(p => (p.Text, p.Heading)));
    }

    [Fact]
    public void A_word_document_does_not_say_what_was_deleted_from_it()
    {
        var paragraph = new Paragraph(new Run(new Text("kept ") { Space = SpaceProcessingModeValues.Preserve }),
            new DeletedRun(new Run(new DeletedText("secret"))), new InsertedRun(new Run(new Text("new"))));
        Assert.Equal("kept new", Assert.Single(Read("a.docx", TestFiles.Word(paragraph)).Passages).Text);
    }

    [Fact]
    public void A_presentation_has_slides_with_titles()
    {
        Document read = Read("plan.pptx", Presentation());
        Passage plan = Assert.Single(read.Passages, p => p.Text == "We open in May.");
        Assert.Equal(("The plan", new Place(PlaceKind.Slide, 1)), (plan.Heading, plan.Place));
    }

    [Fact]
    public void A_table_says_in_each_row_what_its_values_are()
    {
        Document read = Read("stock.csv", TestFiles.Utf8("Part;Price\nPump;\"12,50\"\nValve;3\n"));
        Assert.Equal(["Part | Price", "Part: Pump; Price: 12,50", "Part: Valve; Price: 3"], read.Passages.Select(p => p.Text));
        Assert.Equal(new Place(PlaceKind.Row, 3), read.Passages[2].Place);
    }

    [Fact]
    public void Markdown_keeps_headings_and_leaves_signs_in_code_alone()
    {
        Document read = Read("readme.md", TestFiles.Utf8("# Setup\n\nFirst this.\n\n```sh\n# no heading\n\nrun\n```\n\nOptions\n-------\nMany.\n"));
        Assert.Equal(["Setup", "First this.", "```sh\n# no heading\n\nrun\n```", "Options", "Many."], read.Passages.Select(p => p.Text));
        Assert.Equal(("Setup › Options", new Place(PlaceKind.Line, 13)), (read.Passages[4].Heading, read.Passages[4].Place));
    }

    [Fact]
    public void A_web_page_is_what_is_shown_of_it()
    {
        Document read = Read("page.html", TestFiles.Utf8(
            """
            <!doctype html><title>Shop</title><script>alert(1)</script><style>p{}</style>
            <h2>Hours</h2><p>Open <b>from</b>
             nine.</p><ul><li>Monday<li>Friday</ul><table><tr><td>A<td>B</table><p hidden>secret</p>
            """));
        Assert.Equal(["Shop", "Hours", "Open from nine.", "- Monday", "- Friday", "A | B"], read.Passages.Select(p => p.Text));
        Assert.Equal("Shop › Hours", read.Passages[2].Heading);
    }

    [Fact]
    public void A_web_page_is_read_to_a_depth_that_no_browser_shows()
    {
        Assert.Equal("deep", Assert.Single(Read("deep.html", Nested(1_000)).Passages).Text);
        AssertRefused("bomb.html", Nested(100_000), "nested deeper");

        static byte[] Nested(int levels) => TestFiles.Utf8(string.Concat(Enumerable.Repeat("<div>", levels)) + "deep");
    }

    [Fact]
    public void A_mail_says_who_wrote_and_what_is_attached()
    {
        string mail = "From: Ana <ana@example.org>\r\nTo: bo@example.org\r\nSubject: =?utf-8?Q?Invitaci=C3=B3n?=\r\nMIME-Version: 1.0\r\n"
            + "Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
            + "Content-Transfer-Encoding: quoted-printable\r\n\r\nNos vemos ma=F1ana.\r\n--xx\r\nContent-Type: text/markdown\r\n"
            + "Content-Disposition: attachment; filename=\"../notes.md\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Convert.ToBase64String(TestFiles.Utf8("# Place\n\nCafé Sol")) + "\r\n--xx\r\nContent-Type: image/png\r\n"
            + "Content-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--xx--\r\n";
        Document read = Read("invite.eml", TestFiles.Utf8(mail));
        Assert.Equal("Invitación", read.Passages[0].Text);
        Assert.Contains(read.Passages, p => p.Text.Contains("ana@example.org"));
        Assert.Contains(read.Passages, p => p.Text == "Nos vemos mañana.");
        Assert.Contains(read.Passages, p => p is { Text: "Café Sol", Heading: "Place" });
    }

    [Fact]
    public void Code_keeps_its_lines_and_their_numbers()
    {
        Document read = Read("a.py", TestFiles.Utf8("import os\n\ndef f():\n    return 1\n"));
        Assert.Equal([("import os", 1), ("def f():\n    return 1", 3)], read.Passages.Select(p => (p.Text, p.Place.Number)));
    }

    [Fact]
    public void Text_of_another_encoding_is_read() =>
        Assert.Equal("La canción del niño", Read("viejo.txt", Encoding.Latin1.GetBytes("La canción del niño")).Passages[0].Text);

    [Theory]
    [InlineData("a.png", new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 1, 2, 3 }, "a picture (PNG)")]
    [InlineData("a.doc", new byte[] { 0xD0, 0xCF, 0x11, 0xE0 }, "an old Excel or Word")]
    [InlineData("a.txt", new byte[0], "it is empty")]
    [InlineData("a.bin", new byte[] { 1, 0, 3, 0, 0, 0, 9, 4 }, "no text")]
    [InlineData("a.txt", new byte[] { 32, 10, 32 }, "it has no text")]
    public void What_holds_no_text_is_named(string name, byte[] bytes, string says) => AssertRefused(name, bytes, says);

    [Fact]
    public void An_archive_is_refused_with_what_to_do() => AssertRefused("all.zip", TestFiles.Zip(("a.txt", [65])), "Unpack it");

    private static Document Read(string name, byte[] bytes) => DocumentReader.Read(bytes, name);

    private static void AssertRefused(string name, byte[] bytes, string says)
    {
        DocumentException e = Assert.Throws<DocumentException>(() => DocumentReader.Read(bytes, name));
        Assert.StartsWith($"{name}: ", e.Message);
        Assert.Contains(says, e.Message);
    }

    private static byte[] Presentation()
    {
        using var stream = new MemoryStream();
        using (var file = PresentationDocument.Create(stream, PresentationDocumentType.Presentation))
        {
            PresentationPart main = file.AddPresentationPart();
            SlidePart slide = main.AddNewPart<SlidePart>("rId1");
            slide.Slide = new(new CommonSlideData(new ShapeTree(
                Shape("The plan", PlaceholderValues.Title), Shape("We open in May.", PlaceholderValues.Body))));
            main.Presentation = new(new SlideIdList(new SlideId { Id = 256, RelationshipId = "rId1" }));
        }
        return stream.ToArray();
    }

    private static Shape Shape(string text, PlaceholderValues kind) => new(
        new NonVisualShapeProperties(
            new NonVisualDrawingProperties { Id = 2, Name = "a" }, new NonVisualShapeDrawingProperties(),
            new ApplicationNonVisualDrawingProperties(new PlaceholderShape { Type = kind })),
        new ShapeProperties(),
        new TextBody(new A.BodyProperties(), new A.Paragraph(new A.Run(new A.Text(text)))));
}
