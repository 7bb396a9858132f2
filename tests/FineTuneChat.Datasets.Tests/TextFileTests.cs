using System.IO.Compression;
using System.Text;
using FineTuneChat.Datasets.Reports;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Files are known by their content: encoding, packing, layout.</summary>
public sealed class TextFileTests
{
    private const string Csv = "prompt;completion\r\n¿Abren mañana?;Sí, señor\r\n";
    private const string Json = """{"prompt":"¿Abren mañana?","completion":"Sí, señor"}""";
    private static readonly string[] Turns = ["u:¿Abren mañana?", "a:Sí, señor"];

    static TextFileTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static TheoryData<string, bool, string> Encodings => new()
    {
        { "utf-8", true, "UTF-8 with a byte order mark" },
        { "utf-8", false, "UTF-8" },
        { "utf-16", true, "UTF-16" },
        { "utf-16BE", true, "UTF-16 (big-endian)" },
        { "utf-16", false, "UTF-16 without a byte order mark" },
        { "utf-16BE", false, "UTF-16 without a byte order mark (big-endian)" },
        { "utf-32", true, "UTF-32" },
        { "windows-1252", false, "Windows-1252" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void An_encoding_is_detected_and_named(string encoding, bool hasMark, string name)
    {
        var source = Encoding.GetEncoding(encoding);
        foreach ((string text, string file) in new[] { (Csv, "a.csv"), (Json, "a.jsonl"), ($"[{Json}]", "a.json") })
        {
            byte[] bytes = [.. hasMark ? source.GetPreamble() : [], .. source.GetBytes(text)];
            var read = new DatasetText(bytes, file);
            Assert.Equal(Turns, read.Turns);
            Assert.Equal(name, read.Report.Encoding);
            Assert.Equal(name.Contains("without") || name == "Windows-1252", read.Report.Notices.Any(n => n.Kind == NoticeKinds.Encoding));
        }
    }

    [Theory]
    [InlineData("windows-1251", "Когда вы открыты?;В девять часов утра")]
    [InlineData("ibm850", "¿Abren mañana?;Sí, señor")]
    [InlineData("macintosh", "¿Abren mañana por la tarde?;Sí, señor, también el sábado y después")]
    [InlineData("shift_jis", "明日開きますか;はい、九時から")]
    public void Another_encoding_is_not_taken_for_a_western_one_and_can_be_named(string encoding, string row)
    {
        byte[] bytes = Encoding.GetEncoding(encoding).GetBytes($"prompt;completion\n{row}\n");
        string reason = DatasetText.Refused(bytes, "a.csv");
        Assert.Contains("line 2 is no UTF-8", reason);
        Assert.Contains("--encoding", reason);
        string[] expected = [.. row.Split(';').Zip("ua", (text, role) => $"{role}:{text}")];
        Assert.Equal(expected, new DatasetText(bytes, "a.csv", new DatasetOptions { Encoding = encoding }).Turns);
        Assert.Contains("no encoding called 'klingon'", DatasetText.Refused(bytes, "a.csv", new DatasetOptions { Encoding = "klingon" }));
    }

    [Fact]
    public void A_file_that_mixes_encodings_is_refused_and_never_read_with_holes()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("prompt;completion\nseñor;¿sí?\nma"), 0x81, 0x8D, .. "ana;x\n"u8];
        Assert.Contains("line 3 is no UTF-8", DatasetText.Refused(bytes, "a.csv"));
    }

    [Theory]
    [InlineData("a.jsonl.gz")]
    [InlineData("a.jsonl")]
    public void A_packed_file_is_unpacked_whatever_its_name(string name)
    {
        Assert.Equal(Turns, new DatasetText(Gzip(Encoding.UTF8.GetBytes(Json)), name).Turns);
        Assert.Equal(Turns, new DatasetText(Gzip(Encoding.UTF8.GetBytes(Csv)), name).Turns);
    }

    [Fact]
    public void What_unpacks_without_end_is_refused()
    {
        byte[] bomb = Gzip(new byte[5_000_000]);
        var limits = new DatasetLimits { UnpackedTextBytes = 1_000_000 };
        byte[] many = Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Json + "\n", 30_000))));
        Assert.Contains("1,000,000 bytes when unpacked", Assert.Throws<InvalidDataException>(() => new DatasetText(many, limits: limits)).Message);
        Assert.Contains("no text", DatasetText.Refused(bomb));
        Assert.Contains("packed several times", DatasetText.Refused(Gzip(Gzip(Gzip(Encoding.UTF8.GetBytes(Json))))));
    }

    [Fact]
    public void Of_an_archive_the_file_with_the_data_is_taken()
    {
        Assert.Equal(Turns, new DatasetText(Zip(("a/data.jsonl", Json), ("a/readme.md", "x"))).Turns);
        Assert.Equal(Turns, new DatasetText(Zip(("conversations.json", $"[{Json}]"), ("user.json", "{}"))).Turns);
        Assert.Contains("several files; unpack it, and give one of them: a.jsonl, b.jsonl", DatasetText.Refused(Zip(("a.jsonl", Json), ("b.jsonl", Json))));
        Assert.Contains("Word or PowerPoint", DatasetText.Refused(Zip(("word/document.xml", "<x/>"))));
    }

    [Theory]
    [InlineData("%PDF-1.7 x", "a PDF")]
    [InlineData("\u0089PNG\r\n", "a picture (PNG)")]
    [InlineData("\u00D0\u00CF\u0011\u00E0", "an old Excel or Word")]
    [InlineData("GGUF\u0003\0\0\0", "a model (GGUF)")]
    [InlineData("<!DOCTYPE html><p>", "a web page")]
    [InlineData("ab\0\u0001\u0002cd", "no text and no file of a known kind")]
    [InlineData("Once upon a time\nthere was a fox.", "plain text without rows")]
    [InlineData("", "it is empty")]
    public void What_is_no_dataset_is_named(string content, string name) =>
        Assert.Contains(name, DatasetText.Refused(Encoding.Latin1.GetBytes(content), "a.txt"));

    [Theory]
    [InlineData("{\"data\":[{0},{0}]}", "JSON list \"data\"")]
    [InlineData("{\n \"version\": \"1.0\",\n \"rows\": [\n {0},\n {0}\n ]\n}\n", "JSON list \"rows\"")]
    [InlineData("[{0},{0}]", "JSON list")]
    [InlineData("[\n{0}\n,\n{0}]\n", "JSON list")]
    [InlineData("{0}\n{0}\n", "JSON lines")]
    public void Rows_are_found_in_any_layout_at_every_cut(string layout, string format)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(layout.Replace("{0}", Json));
        for (int size = 1; size < 10; size++)
        {
            var report = new DatasetReport();
            DatasetRow[] rows = [.. ConversationReader.Read(new SlowStream(bytes, size), report: report)];
            Assert.Equal([.. Turns, .. Turns], rows.SelectMany(DatasetText.Of));
            Assert.Equal(format, report.Format);
        }
    }

    [Fact]
    public void What_is_wrong_in_a_list_is_named_by_its_place()
    {
        var file = new DatasetText($"[{Json}, 5, {{\"prompt\":\"x\"}}, {Json}, {{\"a\": \"x ]", "a.json");
        Assert.Equal([1, 2, 3, 4, 5], file.Rows.Select(r => r.Line));
        Assert.Equal([null, "a row must be a JSON object, not a number"], file.Rows.Take(2).Select(r => r.Error));
        Assert.Contains("the file ends inside of this value, which begins on line 1", file.Rows[4].Error);
        Assert.Equal([("other_parts", 0), ("duplicates", 1)], new DatasetText($"{{\"train\":[{Json},{Json}],\"test\":[{Json}]}}").Notices.Reverse());
    }

    [Fact]
    public void Rows_before_a_cut_off_end_are_read()
    {
        string text = $"[{Json},{Json}]";
        for (int length = 1; length < text.Length - 1; length++)
            Assert.InRange(new DatasetText(text[..length]).Rows.Count(r => r.Conversation is not null), length > Json.Length ? 1 : 0, 1);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Zip(params (string Name, string Text)[] files)
    {
        var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
            foreach ((string name, string text) in files)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        return packed.ToArray();
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);
    }
}
