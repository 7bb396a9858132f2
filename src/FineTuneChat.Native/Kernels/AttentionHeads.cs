using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// How heads lie in memory: [width, heads, tokens]; a group of query heads shares one of keys and values, and its rows of a token are neighbours.
/// </summary>
internal readonly unsafe struct AttentionHeads(ggml_tensor* q, ggml_tensor* k)
{
    public int Width { get; } = (int)q->ne[0];

    public int KvHeads { get; } = (int)k->ne[1];

    public int Group { get; } = (int)(q->ne[1] / k->ne[1]);

    public int Tokens { get; } = (int)q->ne[2];

    /// <summary>About a hundred rows of queries: enough to pay for the packing of the keys, few enough that little is computed beyond the diagonal.</summary>
    public int BlockTokens => 12 * Math.Max(1, 8 / Group);

    /// <summary>The queries, or what lies like them, of a block: [count · group, width].</summary>
    public void Gather(float* heads, int kvHead, in AttentionBlocks block, Matrix rows)
    {
        for (int i = 0; i < block.Count; i++)
            Queries(heads, kvHead, block.Token + i).CopyTo(new Span<float>(rows.Row(i * Group), Group * Width));
    }

    /// <summary>The way back.</summary>
    public void Scatter(Matrix rows, float* heads, int kvHead, in AttentionBlocks block)
    {
        for (int i = 0; i < block.Count; i++)
            new Span<float>(rows.Row(i * Group), Group * Width).CopyTo(Queries(heads, kvHead, block.Token + i));
    }

    /// <summary>Keys or values of a head: [tokens, width].</summary>
    public Matrix Keys(float* heads, int kvHead) => new(heads + ((long)kvHead * Width), (long)KvHeads * Width);

    private Span<float> Queries(float* heads, int kvHead, long token) => new(heads + (((token * KvHeads) + kvHead) * Group * Width), Group * Width);
}
