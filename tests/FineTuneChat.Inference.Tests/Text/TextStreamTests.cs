using System.Text;
using FineTuneChat.Inference.Text;
using FsCheck;
using FsCheck.Fluent;

namespace FineTuneChat.Inference.Tests.Text;

public sealed class TextStreamTests
{
    /// <summary>What comes out, piece by piece; the last piece is what was held back.</summary>
    private static (List<string> Shown, bool Stopped) Run(IEnumerable<byte[]> pieces, params string[] stops)
    {
        var stream = new TextStream(stops);
        var shown = new List<string>();
        foreach (byte[] piece in pieces)
        {
            bool stopped = stream.Append(piece, out string text);
            shown.Add(text);
            if (stopped)
                return (shown, true);
        }

        shown.Add(stream.Finish());
        return (shown, false);
    }

    private static byte[][] CutAt(string text, params int[] cuts)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int[] bounds = [0, .. cuts.Where(c => c > 0 && c < bytes.Length).Order(), bytes.Length];
        return [.. bounds.Zip(bounds.Skip(1), (from, to) => bytes[from..to])];
    }

    [Fact]
    public void Text_cut_at_every_byte_is_the_same_text()
    {
        const string Text = "a→é😀\r\n漢字 🇩🇪!";
        for (int cut = 0; cut < Encoding.UTF8.GetByteCount(Text); cut++)
            Assert.Equal(Text, string.Concat(Run(CutAt(Text, cut)).Shown));
        Assert.Equal(Text, string.Concat(Run(Encoding.UTF8.GetBytes(Text).Select(b => new[] { b })).Shown));
    }

    [Fact]
    public void A_character_is_shown_only_when_it_is_whole()
    {
        List<string> shown = Run(Encoding.UTF8.GetBytes("é😀").Select(b => new[] { b })).Shown;

        Assert.Equal(["", "é", "", "", "", "😀", ""], shown);
    }

    [Fact]
    public void A_stop_text_cut_at_every_byte_ends_the_text_before_it()
    {
        const string Text = "one 😀END two";
        for (int first = 0; first < Encoding.UTF8.GetByteCount(Text); first++)
        {
            for (int second = first; second < Encoding.UTF8.GetByteCount(Text); second++)
            {
                (List<string> shown, bool stopped) = Run(CutAt(Text, first, second), "😀END", "never");
                Assert.True(stopped);
                Assert.Equal("one ", string.Concat(shown));
            }
        }
    }

    [Fact]
    public void What_may_begin_a_stop_text_is_held_back_until_it_is_none()
    {
        (List<string> shown, bool stopped) = Run([[(byte)'a'], [(byte)'#'], [(byte)'#'], [(byte)'b']], "###");

        Assert.False(stopped);
        Assert.Equal(["a", "", "", "##b", ""], shown);
    }

    [Fact]
    public void Held_back_text_is_shown_at_the_end() => Assert.Equal("a##", string.Concat(Run(["a##"u8.ToArray()], "###").Shown));

    [Fact]
    public void The_stop_text_that_is_complete_first_wins_however_the_bytes_are_cut() =>
        Prop.ForAll(Gen.Elements('a', 'b', 'c').ListOf().ToArbitrary(), Gen.Choose(0, 30).ListOf().ToArbitrary(), (letters, cuts) =>
        {
            string text = string.Concat(letters);
            string[] stops = ["ab", "cabc", "bb"];
            string whole = string.Concat(Run(CutAt(text), stops).Shown);
            string inPieces = string.Concat(Run(CutAt(text, [.. cuts]), stops).Shown);
            return whole == inPieces && !stops.Any(whole.Contains);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_that_are_no_character_become_a_replacement_and_an_unfinished_one_is_dropped()
    {
        Assert.Equal("a\uFFFDb", string.Concat(Run([[(byte)'a', 0xFF, (byte)'b']]).Shown));
        Assert.Equal("a", string.Concat(Run([[(byte)'a', 0xF0, 0x9F]]).Shown));
    }
}
