using System.IO.Compression;
using System.Text;
using FineTuneChat.Datasets.Corpora;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Texts to learn to write from: which files are read, and how they are cleaned.</summary>
public sealed class CorpusTests
{
    private const string Paragraph = "A paragraph that is long enough to be noticed when it stands there for the second time.";

    [Theory]
    [InlineData("white_space", "One line.  \r\nAnother.\t\r\n\r\n\r\n\r\nA third.\r\n", "One line.\nAnother.\n\nA third.")]
    [InlineData("control_characters", "A\u0000B\u001B[0m\uFEFFC", "AB[0mC")]
    [InlineData("mojibake", "MaÃ±ana.\n\nEspaÃ±a y mañana, de las dos maneras", "Mañana.")]
    [InlineData("blobs", "Kept.\n\n" + "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        + "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x", "Kept.")]
    [InlineData("duplicates", Paragraph + "\n\nUsage\n\n" + Paragraph + "!\n\nUsage", Paragraph + "\n\nUsage\n\nUsage")]
    public void A_rule_does_what_it_says_and_is_counted(string rule, string text, string expected)
    {
        CorpusCleaner all = With(rule), none = With();
        Assert.Equal(expected, all.Clean(new("a.txt", text))!.Text);
        CorpusFigure figure = Assert.Single(all.Figures, f => f.Rule == rule);
        Assert.True(figure.Changed + figure.LeftOut > 0);
        Assert.NotEqual(expected, none.Clean(new("a.txt", text))!.Text);
        Assert.Empty(none.Figures);
    }

    [Fact]
    public void Paragraphs_are_known_over_all_documents_and_short_documents_are_left_out()
    {
        var cleaner = new CorpusCleaner(new HashSet<string>());
        Assert.NotNull(cleaner.Clean(new("a", Paragraph)));
        Assert.Null(cleaner.Clean(new("b", Paragraph.ToUpperInvariant() + "\n\nEnd.")));
        Assert.Equal([("duplicates", 1), ("short_documents", 1)], cleaner.Figures.Where(f => f.LeftOut > 0).Select(f => (f.Rule, f.LeftOut)));
    }

    [Fact]
    public void A_folder_s_texts_are_read_and_other_files_are_named()
    {
        string folder = Directory.CreateTempSubdirectory("corpus").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "more"));
            File.WriteAllText(Path.Combine(folder, "b.md"), "Second.");
            File.WriteAllBytes(Path.Combine(folder, "a.txt"), Encoding.Latin1.GetBytes("Mañana abrimos a las nueve, según dicen en España."));
            File.WriteAllText(Path.Combine(folder, "more", "c.jsonl"), "{\"text\":\"Third.\"}\n\n{\"text\":\"Fourth.\",\"id\":4}\n");
            File.WriteAllText(Path.Combine(folder, "d.txt"), "%PDF-1.7");
            File.WriteAllText(Path.Combine(folder, "no.csv"), "a,b");
            using (var packed = new GZipStream(File.Create(Path.Combine(folder, "e.rst.gz")), CompressionMode.Compress))
                packed.Write("Fifth."u8);
            var told = new List<string>();
            CorpusDocument[] read = [.. new CorpusFiles(folder, told.Add).Read(default)];
            Assert.Equal(
                [
                    "a.txt Mañana abrimos a las nueve, según dicen en España.", "b.md Second.", "e.rst.gz Fifth.", "more/c.jsonl:1 Third.",
                    "more/c.jsonl:3 Fourth.",
                ],
                read.Select(d => $"{d.Name.Replace('\\', '/')} {d.Text}"));
            Assert.Equal(2, told.Count);
            Assert.Contains("Windows-1252, which is a guess", told[0]);
            Assert.Contains("d.txt: it is a PDF", told[1]);
            Assert.Contains("it is a PDF", Assert.Throws<InvalidDataException>(() => Read(Path.Combine(folder, "d.txt"))).Message);
            string empty = Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName;
            Assert.Contains("has no text", Assert.Throws<InvalidDataException>(() => Read(empty)).Message);
            Assert.Throws<FileNotFoundException>(() => Read(Path.Combine(folder, "none")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static CorpusDocument[] Read(string path) => [.. new CorpusFiles(path, _ => { }).Read(default)];
    }

    private static CorpusCleaner With(params string[] rules) => new(CorpusCleaner.Rules.Select(r => r.Name).Except(rules).ToHashSet());
}
