using FineTuneChat.Documents.Chunks;
using FsCheck;
using FsCheck.Fluent;

namespace FineTuneChat.Documents.Tests;

/// <summary>Chunks along a document's structure: nothing is lost, nothing is too long.</summary>
public sealed class ChunkerTests
{
    private static readonly Gen<string> Words = Gen.Elements(
        "sol", "a", "Warranty.", "mañana", "漢字漢字漢字漢字漢字漢字漢字。", "👍👍👍", new string('x', 90), "end!\n", "\n\n");

    private static readonly Gen<Passage> Passages =
        from words in Words.ListOf().Where(l => l.Any(w => w.Trim().Length > 0))
        from isHeading in Gen.Frequency((1, Gen.Constant(true)), (4, Gen.Constant(false)))
        from line in Gen.Choose(1, 900)
        select new Passage(string.Join(' ', words).Trim(), new Place(PlaceKind.Line, line), isHeading ? "H" : "", isHeading);

    private static readonly Arbitrary<Document> Documents = Passages.ListOf().Select(p => new Document("a.txt", "text", [.. p])).ToArbitrary();

    [Fact]
    public void No_text_is_lost_and_none_is_there_twice() => Prop.ForAll(Documents, document =>
        Bare(document.Passages.Select(p => p.Text)) == Bare(Chunker.Split(document, 12).Select(c => c.Text))).QuickCheckThrowOnFailure();

    [Fact]
    public void No_chunk_is_too_long_or_empty() => Prop.ForAll(Documents, document =>
        Chunker.Split(document, 12).All(c => TextSize.Of(c.Text) is > 0 and <= 12)).QuickCheckThrowOnFailure();

    [Fact]
    public void A_character_of_two_halves_stays_whole() => Prop.ForAll(Documents, document =>
        Chunker.Split(document, 12).All(c => !char.IsLowSurrogate(c.Text[0]) && !char.IsHighSurrogate(c.Text[^1]))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_heading_stays_with_what_it_is_about()
    {
        string long1 = string.Join(' ', Enumerable.Repeat("one", 70)), long2 = string.Join(' ', Enumerable.Repeat("two", 70));
        IReadOnlyList<Chunk> chunks = Chunker.Split(new("a.md", "Markdown",
        [
            new("Intro", At(1), "Intro", IsHeading: true), new(long1, At(2), "Intro"),
            new("Next", At(3), "Next", IsHeading: true), new(long2, At(4), "Next"),
        ]));
        Assert.Equal([("Intro", 1, 2), ("Next", 3, 4)], chunks.Select(c => (c.Heading, c.From.Number, c.To.Number)));
        Assert.StartsWith("Next\n\ntwo", chunks[1].Text);
    }

    [Fact]
    public void A_long_paragraph_is_cut_after_a_sentence()
    {
        string text = string.Join(' ', Enumerable.Range(0, 60).Select(i => $"Sentence number {i} is here."));
        IReadOnlyList<Chunk> chunks = Chunker.Split(new("a.txt", "text", [new(text, At(1), "")]), most: 100);
        Assert.True(chunks.Count > 2);
        Assert.All(chunks, c => Assert.EndsWith(".", c.Text));
    }

    private static Place At(int line) => new(PlaceKind.Line, line);

    private static string Bare(IEnumerable<string> texts) => string.Concat(string.Concat(texts).Where(c => !char.IsWhiteSpace(c)));
}
