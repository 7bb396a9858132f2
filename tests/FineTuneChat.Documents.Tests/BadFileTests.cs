using System.Text;
using DocumentFormat.OpenXml.Wordprocessing;

namespace FineTuneChat.Documents.Tests;

/// <summary>Damaged files and bombs: each is a clear refusal that names the file, in little time and memory.</summary>
public sealed class BadFileTests
{
    private static readonly DocumentLimits Small = new()
    {
        PartBytes = 4 << 20,
        UnpackedBytes = 8 << 20,
        Pages = 3,
        Characters = 10_000,
        CompressionRatio = 200,
    };

    public static TheoryData<string> Kinds() => ["a.pdf", "a.docx", "a.eml", "a.html", "a.csv"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_that_is_cut_off_or_has_wrong_bytes_is_read_or_refused(string name)
    {
        byte[] whole = Whole(name);
        var random = new Random(1);
        for (int i = 0; i < 60; i++)
        {
            byte[] bytes = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int j = 0; j < i % 5 && bytes.Length > 0; j++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Assert.NotEmpty(DocumentReader.Read(bytes, name, Small).Passages);
            }
            catch (DocumentException e)
            {
                Assert.StartsWith($"{name}: ", e.Message);
            }
        }
    }

    [Fact]
    public void A_part_of_a_pdf_that_grows_beyond_measure_is_refused() =>
        AssertRefused("bomb.pdf", PdfWithStream(TestFiles.Zlib(new byte[64 << 20]), "/FlateDecode"), "grows to");

    [Fact]
    public void So_is_one_that_is_packed_in_the_older_ways()
    {
        byte[] runs = [.. Enumerable.Repeat((byte[])[129, 65], 60_000).SelectMany(b => b)];
        AssertRefused("runs.pdf", PdfWithStream(runs, "/RunLengthDecode"), "grows to");
    }

    [Fact]
    public void A_word_document_that_grows_beyond_measure_is_refused() => AssertRefused("bomb.docx", TestFiles.Zip(
        ("word/document.xml", Encoding.ASCII.GetBytes("<a>" + new string(' ', 7 << 20) + "</a>")), ("[Content_Types].xml", [])), "times when it is unpacked");

    [Fact]
    public void Entities_of_xml_are_not_expanded() => AssertRefused("laughs.docx", TestFiles.Zip(
        ("word/document.xml", Encoding.ASCII.GetBytes("<!DOCTYPE a [<!ENTITY b \"ha\">]><a>&b;</a>"))), "damaged");

    [Fact]
    public void A_deeply_nested_document_is_refused() => AssertRefused("deep.docx", TestFiles.Zip(
        ("word/document.xml", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<a>", 9_000))))), "nested");

    [Fact]
    public void Too_many_pages_are_refused() => AssertRefused("book.pdf", TestFiles.Pdf("a", "b", "c", "d"), "at most 3");

    [Fact]
    public void Too_much_text_is_refused() =>
        AssertRefused("long.txt", TestFiles.Utf8(string.Concat(Enumerable.Repeat("word\n\n", 4_000))), "10,000 characters");

    [Fact]
    public void Too_much_time_is_refused() => Assert.Contains("seconds", Assert.Throws<DocumentException>(
        () => DocumentReader.Read(TestFiles.Pdf("a"), "slow.pdf", new() { Time = TimeSpan.Zero })).Message);

    [Fact]
    public void Nobody_waits_for_a_reading_that_is_cancelled() => Assert.Throws<OperationCanceledException>(
        () => DocumentReader.Read(TestFiles.Pdf("a"), "a.pdf", cancellation: new CancellationToken(canceled: true)));

    [Fact]
    public void Mails_within_mails_are_read_to_a_depth()
    {
        string mail = "Subject: last\r\n\r\nhello";
        for (int i = 0; i < 4; i++)
            mail = $"Subject: s{i}\r\nContent-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\nContent-Type: message/rfc822\r\n"
                + $"Content-Disposition: attachment\r\n\r\n{mail}\r\n--b{i}--\r\n";
        AssertRefused("nested.eml", TestFiles.Utf8(mail), "attachments");
    }

    private static void AssertRefused(string name, byte[] bytes, string says)
    {
        DocumentException e = Assert.Throws<DocumentException>(() => DocumentReader.Read(bytes, name, Small));
        Assert.StartsWith($"{name}: ", e.Message);
        Assert.Contains(says, e.Message);
    }

    private static byte[] Whole(string name) => Path.GetExtension(name) switch
    {
        ".pdf" => TestFiles.Pdf("#One\nA line.", "Two"),
        ".docx" => TestFiles.Word(TestFiles.Heading(1, "One"), new Paragraph(new Run(new Text("A line.")))),
        ".eml" => TestFiles.Utf8("From: a@b.c\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x--\r\n"),
        ".html" => TestFiles.Utf8("<html><body><h1>One</h1><p>Two<table><tr><td>a</td></tr></table></body></html>"),
        _ => TestFiles.Utf8("a,b\n1,\"2\n\"\n3,4\n"),
    };

    private static byte[] PdfWithStream(byte[] stream, string filter)
    {
        using var pdf = new MemoryStream();
        var offsets = new List<long>();
        Write("%PDF-1.4\n");
        Object("<< /Type /Catalog /Pages 2 0 R >>");
        Object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
        Object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>");
        offsets.Add(pdf.Length);
        Write($"4 0 obj\n<< /Length {stream.Length} /Filter {filter} >>\nstream\n");
        pdf.Write(stream);
        Write("\nendstream\nendobj\n");
        long table = pdf.Length;
        Write($"xref\n0 5\n0000000000 65535 f \n{string.Concat(offsets.Select(o => $"{o:0000000000} 00000 n \n"))}trailer << /Size 5 /Root 1 0 R >>\n");
        Write($"startxref\n{table}\n%%EOF");
        return pdf.ToArray();

        void Write(string text) => pdf.Write(Encoding.ASCII.GetBytes(text));

        void Object(string text)
        {
            offsets.Add(pdf.Length);
            Write($"{offsets.Count} 0 obj\n{text}\nendobj\n");
        }
    }
}
