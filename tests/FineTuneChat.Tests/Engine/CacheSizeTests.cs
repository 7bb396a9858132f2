using FineTuneChat.Engine;

namespace FineTuneChat.Tests.Engine;

public sealed class CacheSizeTests
{
    [Fact]
    public void The_cache_holds_every_request_where_memory_allows_and_one_in_any_case()
    {
        Assert.Equal(8192, CacheSize.Tokens(1024, 8, bytesPerToken: 4096));
        Assert.Equal(8192, CacheSize.Tokens(8192, 8, bytesPerToken: 128 << 10)); // 1 GiB for one
        Assert.Equal(512, CacheSize.Tokens(300, 1, bytesPerToken: 1));
    }
}
