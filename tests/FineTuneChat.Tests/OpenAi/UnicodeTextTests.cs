using System.Text;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Tests.OpenAi;

public sealed class UnicodeTextTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("""{"a":"é😀"}""", true)]
    [InlineData(""" "\u00e9\ud83d\ude00\n" """, true)]
    [InlineData(""" "\\ud83d" """, true)] // a backslash, then letters
    [InlineData(""" "\ud83d" """, false)]
    [InlineData(""" "\ude00" """, false)]
    [InlineData(""" "\ude00\ud83d" """, false)]
    [InlineData(""" "\uD83D\\ude00" """, false)]
    [InlineData(""" "\uD83D\uD83D\uDE00" """, false)]
    [InlineData(""" "\ud83d\u0061" """, false)]
    [InlineData(""" "\ud8""", true)] // no escape: the reader's to refuse
    [InlineData("\\", true)]
    [InlineData("\\ud83d", false)]
    public void Escapes_are_of_whole_characters(string json, bool isValid) => Assert.Equal(isValid, UnicodeText.IsValid(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xFF, 0xFE })]
    public void Bytes_are_UTF_8(byte[] bytes) => Assert.False(UnicodeText.IsValid(bytes));
}
