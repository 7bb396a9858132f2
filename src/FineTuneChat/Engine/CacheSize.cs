using FineTuneChat.Native.Gguf;

namespace FineTuneChat.Engine;

/// <summary>How many tokens the cache of keys and values holds for all requests together.</summary>
internal static class CacheSize
{
    private const long Budget = 512L << 20; // bytes, unless a single request needs more
    private const int BytesPerElement = 2; // F16
    private const int Granularity = 256; // tokens; llama.cpp rounds to it

    /// <summary>Room for every request at full length where that fits the budget, for one in any case.</summary>
    public static int Tokens(int contextLength, int parallel, long bytesPerToken)
    {
        long affordable = Budget / Math.Max(1, bytesPerToken);
        long tokens = Math.Max(contextLength, Math.Min((long)contextLength * parallel, affordable));
        return (int)Math.Min((tokens + Granularity - 1) / Granularity * Granularity, int.MaxValue / Granularity * Granularity);
    }

    /// <summary>Bytes of one token's keys and values over all layers, by the file's metadata.</summary>
    public static long BytesPerToken(GgufFile file)
    {
        long Number(string key, long otherwise) => file.Metadata.Integer($"{file.Architecture}.{key}") ?? otherwise;

        long heads = Math.Max(1, Number("attention.head_count", 1));
        long headWidth = Number("embedding_length", 0) / heads;
        long keyWidth = Number("attention.key_length", headWidth), valueWidth = Number("attention.value_length", headWidth);
        return Number("block_count", 0) * Number("attention.head_count_kv", heads) * (keyWidth + valueWidth) * BytesPerElement;
    }
}
