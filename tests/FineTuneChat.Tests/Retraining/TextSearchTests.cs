using System.Text;
using System.Text.Json;
using FineTuneChat.Gateway.Learning.Erasure;

namespace FineTuneChat.Tests.Retraining;

/// <summary>Erased texts are recognised by fingerprints that do not hold them.</summary>
public sealed class TextSearchTests
{
    private const string Reply = "La contraseña de \"Nortaria\" es faro92 <hoy>.";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 20) - 20)] // where two readings meet
    [InlineData((1 << 20) - 192)]
    [InlineData((1 << 21) - 400)]
    public void A_text_is_found_wherever_it_stands(int offset)
    {
        byte[] bytes = new byte[(1 << 21) + 100];
        new Random(1).NextBytes(bytes);
        Encoding.UTF8.GetBytes(Reply).CopyTo(bytes, offset);
        (IReadOnlyList<byte[]> found, long length) = Look(bytes, Reply, "Nobody says this.");
        Assert.Equal(Reply, Encoding.UTF8.GetString(Assert.Single(found)));
        Assert.Equal(bytes.Length, length);
    }

    [Fact]
    public void As_JSON_writes_it_with_and_without_escapes_for_letters()
    {
        Assert.Single(Look(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { text = Reply })), Reply).Found);
        Assert.Single(Look(Encoding.UTF8.GetBytes(TextFingerprint.Forms(Reply)[1]), Reply).Found);
        Assert.Equal(3, TextFingerprint.Forms(Reply).Count);
    }

    [Fact]
    public void A_long_text_is_found_though_its_middle_is_cut()
    {
        string text = string.Concat(Enumerable.Range(0, 200).Select(i => $"Word {i}, "));
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.NotEmpty(Look([.. bytes[..300], 0, 0, 0, 0, .. bytes[300..]], text).Found);
    }

    [Theory]
    [InlineData("At nine.", true)]
    [InlineData("Yes.", false)] // in a thousand places
    public void Short_texts_mean_nothing(string text, bool isLookedFor) =>
        Assert.Equal(isLookedFor ? 1 : 0, Look(Encoding.UTF8.GetBytes($"...{text}..."), text).Found.Count);

    [Fact]
    public void What_is_nearly_the_same_is_not_it() =>
        Assert.Empty(Look(Encoding.UTF8.GetBytes("The phone number of Nortaria is 555 0143."), "The phone number of Nortaria is 555 0142.").Found);

    private static (IReadOnlyList<byte[]> Found, long Bytes) Look(byte[] bytes, params string[] texts) =>
        new TextSearch(TextFingerprint.Of(texts)).Look((into, offset) =>
        {
            int length = (int)Math.Min(Math.Min(into.Length, 100_000), bytes.Length - offset); // a file gives less than it is asked for
            bytes.AsSpan((int)offset, length).CopyTo(into);
            return length;
        });
}
