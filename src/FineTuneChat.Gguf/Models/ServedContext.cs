namespace FineTuneChat.Gguf.Models;

/// <summary>
/// The context that a server opens for requests of a given length. Engines load with it, and whoever says beforehand what memory a model takes uses it, too:
/// so the two agree.
/// </summary>
public static class ServedContext
{
    private const long CacheBudget = 512L << 20; // bytes for all requests together, unless a single one needs more
    private const int CacheShare = 8; // one request's cache takes at most this part of what is left beside the weights, unless asked for
    private const int ShortContext = 2048; // tokens; nothing shorter is chosen unless it is asked for
    private const int KeptSequences = 32; // at most: prompts are compared with each
    private const int CellGranularity = 256; // tokens; llama.cpp rounds to it

    /// <summary>The length of a request where nobody has said one: the longest, halved until the cache of one request fits the memory.</summary>
    /// <param name="file">The model's header.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="request">Types of the cache.</param>
    /// <param name="longest">Tokens: what the model was trained for, or is stretched to.</param>
    /// <param name="availableBytes">Memory for weights and all the rest.</param>
    public static int Choose(GgufFile file, ModelShape shape, ContextSize request, int longest, long availableBytes)
    {
        int context = longest;
        long left = availableBytes - file.Tensors.Sum(t => t.Bytes);
        while (context > ShortContext && CacheBytes(file, shape, request, context) > Math.Max(CacheBudget, left / CacheShare))
            context = Math.Max(ShortContext, context / 2);
        return context;
    }

    /// <summary>Cache for all requests at full length where that is cheap, at least for one; and places for ended conversations that stay.</summary>
    /// <param name="file">The model's header.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="request">What one request is given: <see cref="ContextSize.CacheTokens"/> is its length.</param>
    /// <param name="parallel">Replies that are written at the same time.</param>
    public static T For<T>(GgufFile file, ModelShape shape, T request, int parallel) where T : ContextSize => (T)(request with
    {
        CacheTokens = CacheTokens(file, shape, request, parallel),
        MaxSequences = parallel + (shape.Window == 0 ? KeptSequences : 0),
    });

    private static int CacheTokens(GgufFile file, ModelShape shape, ContextSize request, int parallel)
    {
        long affordable = CacheBudget / Math.Max(1, CacheBytes(file, shape, request, 1 << 20) >> 20);
        long tokens = Math.Max(request.CacheTokens, Math.Min((long)request.CacheTokens * parallel, affordable));
        return (int)Math.Min((tokens + CellGranularity - 1) / CellGranularity * CellGranularity, 1 << 28);
    }

    private static long CacheBytes(GgufFile file, ModelShape shape, ContextSize request, int tokens)
    {
        Placed cache = MemoryEstimate.Of(file, shape, new() { CacheTokens = tokens, KeyType = request.KeyType, ValueType = request.ValueType }).Cache;
        return cache.Host + cache.Device;
    }
}
