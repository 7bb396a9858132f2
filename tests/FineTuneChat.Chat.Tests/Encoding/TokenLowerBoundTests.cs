using FineTuneChat.Chat.Encoding;
using FineTuneChat.Native.Llama;
using FsCheck;
using FsCheck.Fluent;

namespace FineTuneChat.Chat.Tests.Encoding;

/// <summary>The bound never exceeds what the tokeniser finds, and it is found without it.</summary>
public sealed class TokenLowerBoundTests(TestVocabularies vocabularies) : IClassFixture<TestVocabularies>
{
    private static readonly string[] Parts = ["hello", " hello", "he", "ll", " ", "  ", "\n", "a", "é", "🙂", "你好", "<|im_end|>", "<think>", "x1", "\t"];

    [Fact]
    public void No_text_has_fewer_tokens()
    {
        foreach (Vocabulary vocabulary in vocabularies.All.Values)
        {
            var bound = new TokenLowerBound(vocabulary);
            Prop.ForAll(Gen.Elements(Parts).ListOf(60).ToArbitrary(), parts =>
            {
                string text = string.Concat(parts);
                foreach (bool parseSpecial in (bool[])[false, true])
                {
                    int tokens = vocabulary.Tokenize(text, addSpecial: false, parseSpecial).Length;
                    for (int limit = 0; limit < tokens; limit += 3)
                        Assert.InRange(bound.Beyond(text, limit) ?? 0, 0, tokens);
                    Assert.Null(bound.Beyond(text, tokens));
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
        }
    }

    [Theory]
    [InlineData("word ")]
    [InlineData("hello")]
    [InlineData("x")]
    public void A_text_of_megabytes_is_found_too_long_without_its_tokens(string part)
    {
        string text = string.Concat(Enumerable.Repeat(part, (15 << 20) / part.Length));
        var bound = new TokenLowerBound(vocabularies.Bpe);
        long before = GC.GetTotalAllocatedBytes();

        Assert.InRange(bound.Beyond(text, 4096) ?? 0, 4097, text.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100 << 20);
    }

    [Fact]
    public void A_text_that_may_fit_is_left_to_the_tokeniser() =>
        Assert.Null(new TokenLowerBound(vocabularies.Bpe).Beyond(new string('x', 1000), 1000));
}
