using FineTuneChat.Inference.Speculation;

namespace FineTuneChat.Inference.Tests.Speculation;

public sealed class PromptLookupTests
{
    private static (int Next, int Length) Find(string text, string last) => PromptLookup.Find([.. text.Select(c => (int)c)], [.. last.Select(c => (int)c)]);

    [Theory]
    [InlineData("name: Ana, city: Lima", "the name", 4, 4)]
    [InlineData("ab ab ab", "xab", 8, 2)] // of equal ones the last
    [InlineData("1ab2ab", "1ab", 3, 3)] // the longest, though another is nearer
    [InlineData("abcdefghijkl", "abcdefghijkl", 12, PromptLookup.Longest)]
    [InlineData("abc", "x", 0, 0)]
    [InlineData("", "x", 0, 0)]
    [InlineData("b", "ab", 1, 1)] // begins within the last tokens
    public void The_place_that_agrees_longest_is_found(string text, string last, int next, int length) =>
        Assert.Equal((next, length), Find(text, last));

    [Fact]
    public void It_finds_what_a_plain_search_finds()
    {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            int[] text = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(3))], last = [.. text.TakeLast(5), random.Next(3)];
            (int Next, int Length) best = (0, 0);
            for (int next = text.Length; next > 0; next--)
            {
                int length = 0;
                while (length < PromptLookup.Longest && length < Math.Min(next, last.Length) && text[next - 1 - length] == last[^(length + 1)])
                    length++;
                if (length > best.Length)
                    best = (next, length);
            }

            Assert.Equal(best, PromptLookup.Find(text, last));
        }
    }
}
