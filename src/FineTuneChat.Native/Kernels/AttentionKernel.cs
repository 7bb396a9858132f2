using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// Causal attention over packed sequences, row by row: a token's scores against the tokens of its own sequence fit in L1, so they are
/// computed, used and forgotten, forward and again backward. With p = softmax(s·q kᵀ): dv = pᵀ do, dp = do vᵀ, ds = p ∘ (dp − Σ p∘dp),
/// dq = s·ds k, dk = s·dsᵀ q. With a cap c the scores are z = c·tanh(s·q kᵀ / c), and ds is multiplied by dz = 1 − (z/c)².
/// </summary>
internal static unsafe class AttentionKernel
{
    /// <summary>Tokens that one thread takes at a time, so that long and short sequences even out.</summary>
    private const int TokenBlock = 16;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Forward(ggml_tensor* dst, int thread, int threads, void* parameters)
    {
        ggml_tensor* q = (ggml_tensor*)dst->src[0], k = (ggml_tensor*)dst->src[1], v = (ggml_tensor*)dst->src[2];
        int* starts = (int*)((ggml_tensor*)dst->src[3])->data;
        var how = *(AttentionParameters*)parameters;
        int width = (int)q->ne[0], heads = (int)q->ne[1], tokens = (int)q->ne[2], group = heads / (int)k->ne[1];
        float* scratch = ScratchMemory.Take(tokens);

        for (int block = thread * TokenBlock; block < tokens; block += threads * TokenBlock)
        {
            for (int i = block; i < Math.Min(tokens, block + TokenBlock); i++)
            {
                for (int head = 0; head < heads; head++)
                {
                    int first = how.FirstSeen(starts[i], i);
                    Span<float> p = Probabilities(Row(q, head, i), width, k, head / group, first, i, how, scratch, slopes: default);
                    float* o = Row(dst, head, i);
                    new Span<float>(o, width).Clear();
                    for (int j = 0; j < p.Length; j++)
                        ShortRows.AddScaled(Row(v, head / group, first + j), p[j], o, width);
                }
            }
        }
    }

    /// <summary>dst [headWidth, heads + 2·kvHeads, n]. A thread takes whole key-value heads of whole sequences, so that no two add to the same place.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Backward(ggml_tensor* dst, int thread, int threads, void* parameters)
    {
        ggml_tensor* gradient = (ggml_tensor*)dst->src[0], q = (ggml_tensor*)dst->src[1], k = (ggml_tensor*)dst->src[2], v = (ggml_tensor*)dst->src[3];
        int* starts = (int*)((ggml_tensor*)dst->src[4])->data;
        var how = *(AttentionParameters*)parameters;
        int kvHeads = (int)k->ne[1], tokens = (int)q->ne[2], task = 0;
        float* scratch = ScratchMemory.Take(3L * tokens);

        for (int start = 0, end; start < tokens; start = end)
        {
            end = start + 1;
            while (end < tokens && starts[end] == start)
                end++;
            for (int kvHead = 0; kvHead < kvHeads; kvHead++)
            {
                if (task++ % threads == thread)
                    SequenceBackward(dst, gradient, q, k, v, kvHead, start, end, how, scratch);
            }
        }
    }

    private static void SequenceBackward(
        ggml_tensor* dst, ggml_tensor* gradient, ggml_tensor* q, ggml_tensor* k, ggml_tensor* v, int kvHead, int start, int end, in AttentionParameters how, float* scratch)
    {
        int width = (int)q->ne[0], heads = (int)q->ne[1], kvHeads = (int)k->ne[1], group = heads / kvHeads;
        for (int j = start; j < end; j++)
        {
            new Span<float>(Row(dst, heads + kvHead, j), width).Clear();
            new Span<float>(Row(dst, heads + kvHeads + kvHead, j), width).Clear();
        }

        for (int head = kvHead * group; head < (kvHead + 1) * group; head++)
        {
            for (int i = start; i < end; i++)
            {
                float* qi = Row(q, head, i), dy = Row(gradient, head, i), dq = Row(dst, head, i);
                int first = how.FirstSeen(start, i), count = i - first + 1;
                Span<float> ds = new(scratch + count, count), slopes = new(scratch + (2 * count), how.Cap > 0 ? count : 0);
                Span<float> p = Probabilities(qi, width, k, kvHead, first, i, how, scratch, slopes);
                for (int j = 0; j < p.Length; j++)
                    ds[j] = ShortRows.Dot(dy, Row(v, kvHead, first + j), width); // dp
                TensorPrimitives.Subtract(ds, TensorPrimitives.Dot<float>(p, ds), ds);
                TensorPrimitives.Multiply<float>(ds, p, ds);
                TensorPrimitives.Multiply(ds, how.Scale, ds);
                if (how.Cap > 0)
                    TensorPrimitives.Multiply<float>(ds, slopes, ds);

                new Span<float>(dq, width).Clear();
                for (int j = 0; j < p.Length; j++)
                {
                    ShortRows.AddScaled(Row(k, kvHead, first + j), ds[j], dq, width);
                    ShortRows.AddScaled(qi, ds[j], Row(dst, heads + kvHead, first + j), width); // dk
                    ShortRows.AddScaled(dy, p[j], Row(dst, heads + kvHeads + kvHead, first + j), width); // dv
                }
            }
        }
    }

    /// <summary>softmax(cap(scale · q kᵀ)) over tokens first..i; the cap's slopes too, when they are asked for.</summary>
    private static Span<float> Probabilities(
        float* q, int width, ggml_tensor* k, int kvHead, int first, int i, in AttentionParameters how, float* scratch, Span<float> slopes)
    {
        Span<float> p = new(scratch, i - first + 1);
        for (int j = 0; j < p.Length; j++)
            p[j] = how.Scale * ShortRows.Dot(q, Row(k, kvHead, first + j), width);
        if (how.Cap > 0)
            SoftCapKernel.Apply(p, how.Cap, p, slopes);
        TensorPrimitives.SoftMax<float>(p, p);
        return p;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Row(ggml_tensor* tensor, int head, int token) =>
        (float*)((byte*)tensor->data + (head * (long)tensor->nb[1]) + (token * (long)tensor->nb[2]));
}
