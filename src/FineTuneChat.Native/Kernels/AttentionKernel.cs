using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// Causal attention over packed sequences as products of blocks: some tokens' queries, those of all heads that share keys and values, against the
/// tokens that they see. A block's scores are computed, used and forgotten, forward and again backward (the idea of Dao et al. 2022, arXiv 2205.14135,
/// with whole rows instead of running maxima). With p = softmax(s·q kᵀ): dv = pᵀ do, dp = do vᵀ, ds = p ∘ (dp − Σ p∘dp),
/// dq = s·ds k, dk = s·dsᵀ q. With a cap c the scores are z = c·tanh(s·q kᵀ / c), and ds is multiplied by dz = 1 − (z/c)².
/// </summary>
internal static unsafe class AttentionKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Forward(ggml_tensor* dst, int thread, int threads, void* parameters)
    {
        ggml_tensor* q = (ggml_tensor*)dst->src[0], k = (ggml_tensor*)dst->src[1], v = (ggml_tensor*)dst->src[2];
        var how = (AttentionParameters*)parameters;
        var heads = new AttentionHeads(q, k);
        var blocks = new AttentionBlocks((ggml_tensor*)dst->src[3], heads.BlockTokens, *how);
        for (int task = 0; blocks.Next();)
        {
            for (int kvHead = 0; kvHead < heads.KvHeads; kvHead++)
            {
                if (task++ % threads == thread)
                    BlockForward(heads, kvHead, blocks, *how, (float*)dst->data, (float*)q->data, (float*)k->data, (float*)v->data);
            }
        }
    }

    /// <summary>
    /// dst holds dq [width, heads, n], then for each plane dk and dv [width, kvHeads, n]. The blocks of a head are dealt out to the threads, and each
    /// thread adds to a plane of its own: no two add to the same place, and the sum does not depend on which thread is faster.
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Backward(ggml_tensor* dst, int thread, int threads, void* parameters)
    {
        ggml_tensor* gradient = (ggml_tensor*)dst->src[0], q = (ggml_tensor*)dst->src[1], k = (ggml_tensor*)dst->src[2], v = (ggml_tensor*)dst->src[3];
        var (how, planes) = *(AttentionBackParameters*)parameters;
        var heads = new AttentionHeads(q, k);
        long queries = (long)heads.Tokens * heads.KvHeads * heads.Group * heads.Width, keys = (long)heads.Tokens * heads.KvHeads * heads.Width;
        for (int share = thread; share < heads.KvHeads * planes; share += threads)
        {
            int kvHead = share / planes, plane = share % planes;
            float* sums = (float*)dst->data + queries + (2 * plane * keys);
            Matrix dk = heads.Keys(sums, kvHead), dv = heads.Keys(sums + keys, kvHead);
            for (int i = 0; i < heads.Tokens; i++)
            {
                new Span<float>(dk.Row(i), heads.Width).Clear();
                new Span<float>(dv.Row(i), heads.Width).Clear();
            }

            var blocks = new AttentionBlocks((ggml_tensor*)dst->src[4], heads.BlockTokens, how);
            for (int i = 0; blocks.Next(); i++)
            {
                if (i % planes == plane)
                    BlockBackward(
                        heads, kvHead, blocks, how, (float*)dst->data, dk, dv, (float*)gradient->data, (float*)q->data, (float*)k->data, (float*)v->data);
            }
        }
    }

    /// <summary>Adds the other planes to the first.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void AddPlanes(ggml_tensor* dst, int thread, int threads, void* planes)
    {
        long from = dst->ne[0] * thread / threads;
        int count = (int)((dst->ne[0] * (thread + 1) / threads) - from);
        Span<float> sum = new((float*)dst->data + from, count);
        for (int plane = 1; plane < (int)(nint)planes; plane++)
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>((float*)dst->data + (plane * dst->ne[0]) + from, count), sum);
    }

    private static void BlockForward(
        in AttentionHeads heads, int kvHead, in AttentionBlocks block, in AttentionParameters how, float* o, float* q, float* k, float* v)
    {
        int rows = block.Count * heads.Group, keys = block.Keys, width = heads.Width;
        float* scratch = ScratchMemory.Take((long)rows * (keys + (2 * width)));
        Matrix p = new(scratch, keys), qs = new(p.Row(rows), width), os = new(qs.Row(rows), width);

        heads.Gather(q, kvHead, block, qs);
        Multiply(rows, keys, p, new(width, qs, false, heads.Keys(k, kvHead).From(block.FirstKey), false));
        for (int r = 0; r < rows; r++)
            Probabilities(Seen(p, r, heads.Group, block), how, slopes: default);
        Multiply(rows, width, os, new(keys, p, false, heads.Keys(v, kvHead).From(block.FirstKey), true));
        heads.Scatter(os, o, kvHead, block);
    }

    private static void BlockBackward(
        in AttentionHeads heads, int kvHead, in AttentionBlocks block, in AttentionParameters how, float* dq, Matrix dk, Matrix dv,
        float* dy, float* q, float* k, float* v)
    {
        int rows = block.Count * heads.Group, keys = block.Keys, width = heads.Width;
        float* scratch = ScratchMemory.Take(((long)rows * ((2 * keys) + (2 * width))) + keys);
        Matrix p = new(scratch, keys), ds = new(p.Row(rows), keys), qs = new(ds.Row(rows), width), dos = new(qs.Row(rows), width);
        Span<float> slopes = new(dos.Row(rows), how.Cap > 0 ? keys : 0);
        Matrix seenKeys = heads.Keys(k, kvHead).From(block.FirstKey), seenValues = heads.Keys(v, kvHead).From(block.FirstKey);

        heads.Gather(q, kvHead, block, qs);
        heads.Gather(dy, kvHead, block, dos);
        Multiply(rows, keys, p, new(width, qs, false, seenKeys, false));
        Multiply(rows, keys, ds, new(width, dos, false, seenValues, false)); // dp
        for (int r = 0; r < rows; r++)
        {
            Span<float> pr = Seen(p, r, heads.Group, block), dsr = Seen(ds, r, heads.Group, block);
            Span<float> slope = how.Cap > 0 ? slopes[..pr.Length] : default;
            Probabilities(pr, how, slope);
            TensorPrimitives.Subtract(dsr, TensorPrimitives.Dot<float>(pr, dsr), dsr);
            TensorPrimitives.Multiply<float>(dsr, pr, dsr);
            TensorPrimitives.Multiply(dsr, how.Scale, dsr);
            if (how.Cap > 0)
                TensorPrimitives.Multiply<float>(dsr, slope, dsr);
        }

        Multiply(keys, width, dv.From(block.FirstKey), new(rows, p, true, dos, true), accumulate: true);
        Multiply(keys, width, dk.From(block.FirstKey), new(rows, ds, true, qs, true), accumulate: true);
        Multiply(rows, width, dos, new(keys, ds, false, seenKeys, true));
        heads.Scatter(dos, dq, kvHead, block);
    }

    /// <summary>The part of a block's row that its token sees; what lies before and behind becomes zero.</summary>
    private static Span<float> Seen(Matrix scores, int row, int group, in AttentionBlocks block)
    {
        int token = row / group, first = block.FirstSeen(token) - block.FirstKey, end = block.Token + token + 1 - block.FirstKey;
        Span<float> all = new(scores.Row(row), block.Keys);
        all[..first].Clear();
        all[end..].Clear();
        return all[first..end];
    }

    /// <summary>q kᵀ becomes softmax(cap(scale · q kᵀ)); the cap's slopes are given, too, when they are asked for.</summary>
    private static void Probabilities(Span<float> p, in AttentionParameters how, Span<float> slopes)
    {
        TensorPrimitives.Multiply(p, how.Scale, p);
        if (how.Cap > 0)
            SoftCapKernel.Apply(p, how.Cap, p, slopes);
        TensorPrimitives.Subtract(p, TensorPrimitives.Max<float>(p), p);
        TensorPrimitives.Exp<float>(p, p);
        TensorPrimitives.Multiply(p, 1 / TensorPrimitives.Sum<float>(p), p);
    }

    private static void Multiply(int rows, int columns, Matrix result, GemmTerm term, bool accumulate = false) =>
        GemmKernel.Run(new GemmProduct(rows, columns, result, term, accumulate: accumulate), thread: 0, threads: 1);
}

/// <summary>What <see cref="AttentionKernel.Backward"/> is told.</summary>
/// <param name="How">As forward.</param>
/// <param name="Planes">Copies of dk and dv.</param>
internal readonly record struct AttentionBackParameters(AttentionParameters How, int Planes);
