using System.Buffers.Binary;
using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        var writer = new GgufWriter();
        (string, object)[] entries =
        [
            ("a.byte", (byte)7), ("a.sbyte", (sbyte)-7), ("a.ushort", (ushort)65_000), ("a.short", (short)-30_000), ("a.uint", 4_000_000_000u), ("a.int", -5),
            ("a.ulong", ulong.MaxValue), ("a.long", long.MinValue), ("a.float", 1.5f), ("a.double", -0.25), ("a.yes", true), ("a.no", false),
            ("a.text", "grüße 🙂"),
            ("b.texts", new[] { "x", "", "ñ" }), ("b.numbers", new[] { 1, -2, 3 }), ("b.floats", new[] { 0.5f }), ("b.none", Array.Empty<uint>()),
        ];
        foreach (var (key, value) in entries)
            writer.Metadata.Set(key, value);
        writer.Add("first", [3, 2], [1, 2, 3, 4, 5, 6]);
        writer.Add("second", GgmlType.Q8_0, [64], stream => stream.Write(new byte[68]));
        writer.Save(_folder["file.gguf"]);

        GgufFile file = GgufFile.Open(_folder["file.gguf"]);
        Assert.Equal(entries.Select(e => e.Item1), file.Metadata.Keys);
        foreach (var (key, value) in entries)
        {
            Assert.True(file.Metadata.TryGet(key, out object? read));
            Assert.Equal(value, read);
        }

        Assert.Equal([3, 2], file.Find("first")!.Shape);
        Assert.Equal((GgmlType.Q8_0, 68L), (file.Find("second")!.Type, file.Find("second")!.Bytes));
        Assert.Null(file.Find("third"));
    }

    [Fact]
    public void A_failed_write_leaves_nothing_behind()
    {
        var writer = new GgufWriter();
        writer.Add("t", GgmlType.F32, [4], _ => throw new IOException("No space left on device"));
        Assert.Throws<IOException>(() => writer.Save(_folder["file.gguf"]));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_with_the_reason()
    {
        byte[] whole = File.ReadAllBytes(RandomModel.Write(_folder["model.gguf"], new RandomModelShape(Layers: 1, Width: 32, FeedForward: 32)));
        long data = GgufFile.Open(_folder["model.gguf"]).Tensors.Min(t => t.Offset);
        for (int length = 0; length < data; length += length < 400 ? 1 : 97)
            Assert.Contains("not a usable GGUF file", Refusal(whole[..length]), StringComparison.Ordinal);
        Assert.Contains("incomplete download", Refusal(whole[..^64]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, ulong.MaxValue, "tensors")] // tensor count
    [InlineData(8, 60_000ul, "more than the rest of the file can hold")]
    [InlineData(16, 1ul << 40, "metadata entries")]
    [InlineData(24, 1ul << 62, "a key")] // length of the first key
    public void A_header_that_promises_too_much_is_refused_before_memory_is_taken(int offset, ulong value, string expected)
    {
        byte[] bytes = File.ReadAllBytes(RandomModel.Write(_folder["model.gguf"], new RandomModelShape(Layers: 1, Width: 32, FeedForward: 32)));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(offset), value);
        Assert.Contains(expected, Refusal(bytes), StringComparison.Ordinal);
    }

    /// <summary>A changed file is either read or refused; nothing else may happen. FTC_SCALE=100 tries 20,000 of them.</summary>
    [Fact]
    public void Any_change_of_bytes_is_read_or_refused()
    {
        byte[] whole = File.ReadAllBytes(RandomModel.Write(_folder["model.gguf"], new RandomModelShape(Layers: 1, Width: 32, FeedForward: 32)));
        int header = (int)GgufFile.Open(_folder["model.gguf"]).Tensors.Min(t => t.Offset);
        var random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 200 * Scale.Factor; round++)
        {
            byte[] changed = [.. whole];
            for (int change = 0; change <= random.Next(4); change++)
                changed[random.Next(header)] = (byte)random.Next(256);
            File.WriteAllBytes(_folder["changed.gguf"], changed);
            try
            {
                GgufFile file = GgufFile.Open(_folder["changed.gguf"]);
                Assert.All(file.Tensors, t => Assert.InRange(t.Offset + t.Bytes, 0, changed.Length));
            }
            catch (GgufException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0, "no change was ever noticed: the test would prove nothing");
    }

    private string Refusal(byte[] bytes)
    {
        File.WriteAllBytes(_folder["bad.gguf"], bytes);
        var e = Assert.Throws<GgufException>(() => GgufFile.Open(_folder["bad.gguf"]));
        Assert.StartsWith(_folder["bad.gguf"], e.Message, StringComparison.Ordinal);
        return e.Message;
    }
}
