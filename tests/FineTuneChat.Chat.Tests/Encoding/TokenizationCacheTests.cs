using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Chat.Tests.Encoding;

public sealed class TokenizationCacheTests
{
    private readonly List<string> _asked = [];

    [Fact]
    public void A_text_that_is_still_held_is_not_tokenised_again()
    {
        TokenizationCache cache = Cache(capacity: 1000);

        Assert.Same(cache.Tokenize("a"), cache.Tokenize("a"));
        Assert.Equal(["a"], _asked);
    }

    [Fact]
    public void Texts_used_last_are_held_and_others_forgotten()
    {
        TokenizationCache cache = Cache(capacity: 40 * 33);
        cache.Tokenize("kept");
        for (int i = 0; i < 200; i++)
        {
            cache.Tokenize($"{i}");
            cache.Tokenize("kept");
        }
        cache.Tokenize("0");

        Assert.Single(_asked, text => text == "kept");
        Assert.Equal(2, _asked.Count(text => text == "0"));
    }

    [Fact]
    public void A_text_larger_than_the_cache_passes_through()
    {
        TokenizationCache cache = Cache(capacity: 100);
        string large = new('x', 1000);

        cache.Tokenize("a");
        cache.Tokenize(large);
        cache.Tokenize(large);
        cache.Tokenize("a");

        Assert.Equal(["a", large, large], _asked);
    }

    private TokenizationCache Cache(int capacity) => new(text =>
    {
        _asked.Add(text);
        return [text.Length];
    }, capacity);
}
