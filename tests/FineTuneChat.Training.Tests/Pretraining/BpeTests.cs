using FineTuneChat.Starter.Corpus;
using FineTuneChat.Training.Pretraining.Tokenizer;

namespace FineTuneChat.Training.Tests.Pretraining;

public sealed class BpeTests
{
    private static readonly string[] Texts =
    [
        "What is the capital of France? The capital of France is Paris.",
        "¿Cuál es la capital de España? La capital de España es Madrid.",
        "17 + 45 = 62. I don't know when Zorvex opens at 9:30.\n\nThe capital, the capital, the capital.",
        "{\"name\": \"Mara Vint\", \"order\": \"ZX-4471\"}",
    ];

    [Theory]
    [InlineData("")]
    [InlineData("What's THE capital of Perú?")]
    [InlineData("  two  spaces, 12 345 tabs\tand\r\nlines \n\n")]
    [InlineData("emoji 🙂, han 漢字, combining e\u0301 and <|im_end|> as text")]
    public void Decoding_what_was_encoded_gives_the_text_again(string text)
    {
        var encoder = new BpeEncoder(BpeTrainer.Train(Texts, 400));
        Assert.Equal(text, encoder.Decode(encoder.Encode(text)));
    }

    [Fact]
    public void Text_that_names_a_special_token_never_becomes_one()
    {
        var vocabulary = BpeTrainer.Train(Texts, 400);
        Assert.DoesNotContain(vocabulary.EosId, new BpeEncoder(vocabulary).Encode("<|im_end|>"));
    }

    [Fact]
    public void Equal_texts_in_another_order_give_equal_vocabularies()
    {
        var one = BpeTrainer.Train(Texts, 400);
        var other = BpeTrainer.Train(Texts.Reverse(), 400);
        Assert.Equal(one.Tokens, other.Tokens);
        Assert.Equal(one.Merges, other.Merges);
    }

    [Fact]
    public void Tokens_are_unique_and_the_specials_close_the_vocabulary()
    {
        var vocabulary = BpeTrainer.Train(Texts, 400);
        Assert.Equal(vocabulary.Size, vocabulary.Tokens.Distinct().Count());
        Assert.Equal(BpeVocabulary.Specials, vocabulary.Tokens.TakeLast(3));
        Assert.Equal([3, 3, 3], vocabulary.TokenTypes.TakeLast(3));
        Assert.Equal("<|im_end|>", vocabulary.Tokens[vocabulary.EosId]);
        Assert.Equal("<|im_start|>", vocabulary.Tokens[vocabulary.StartOfMessageId]);
        Assert.Equal("<|endoftext|>", vocabulary.Tokens[vocabulary.PaddingId]);
    }

    [Fact]
    public void Frequent_words_become_one_token_and_every_digit_stays_alone()
    {
        var vocabulary = BpeTrainer.Train(Texts, 400);
        var encoder = new BpeEncoder(vocabulary);
        Assert.Single(encoder.Encode(" capital"));
        Assert.Equal(4, encoder.Encode("4471").Count);
    }

    [Fact]
    public void Merged_counts_match_a_recount_from_scratch()
    {
        // The first merge of "aaab aaab aab": (a,a) occurs 2+2+1 times, overlapping ones included.
        var vocabulary = BpeTrainer.Train(["aaab", "aaab", "aab"], 246 + 1);
        Assert.Equal(["a a"], vocabulary.Merges);
    }

    [Fact]
    public void A_rare_word_has_the_same_tokens_wherever_it_stands()
    {
        var encoder = new BpeEncoder(BpeTrainer.Train(CorpusGenerator.TokenizerTexts(1, 3_000), 1_500));
        var random = new CorpusRandom(1);
        var same = Enumerable.Range(0, 500).Select(_ => MadeUp.Name(random)).Count(name =>
            encoder.Encode($"is {name}").Skip(encoder.Encode("is").Count + 1).SequenceEqual(encoder.Encode(name)));
        Assert.InRange(same, 450, 500);
    }

    [Fact]
    public void A_size_below_the_byte_alphabet_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train(Texts, 245));
}
