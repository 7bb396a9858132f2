using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>One matrix product: where its matrices lie and how they are read.</summary>
internal readonly unsafe struct GemmProduct
{
    public GemmProduct(ggml_tensor* c, ggml_tensor* a, ggml_tensor* b, bool transposeA, bool transposeB, bool accumulate)
    {
        C = (float*)c->data;
        A = (float*)a->data;
        B = (byte*)b->data;
        ATransposed = transposeA;
        BTransposed = transposeB;
        Accumulate = accumulate;
        M = (int)b->ne[transposeB ? 0 : 1];
        N = (int)a->ne[transposeA ? 0 : 1];
        K = (int)a->ne[transposeA ? 1 : 0];
        AStride = (long)a->nb[1] / sizeof(float);
        BRowBytes = (long)b->nb[1];
        var type = (GgmlType)b->type;
        BIsF32 = type == GgmlType.F32;
        BBlock = GgmlTypes.BlockSize(type);
        BBlockBytes = GgmlTypes.BlockBytes(type);
        ToFloat = GgmlNative.ggml_get_type_traits(b->type)->to_float;
    }

    public float* C { get; }

    public float* A { get; }

    public byte* B { get; }

    public bool ATransposed { get; }

    public bool BTransposed { get; }

    public bool Accumulate { get; }

    /// <summary>Columns of the result: rows of the weight.</summary>
    public int M { get; }

    /// <summary>Rows of the result: tokens.</summary>
    public int N { get; }

    /// <summary>Terms of each sum.</summary>
    public int K { get; }

    public long AStride { get; }

    public long BRowBytes { get; }

    public bool BIsF32 { get; }

    /// <summary>Elements in a block of b's type.</summary>
    public int BBlock { get; }

    public int BBlockBytes { get; }

    public delegate* unmanaged[Cdecl]<void*, float*, long, void> ToFloat { get; }

    /// <summary>Elements [from, from + count) of b's stored row as floats: in place when they are, else unpacked into <paramref name="scratch"/>.</summary>
    public float* BRow(long row, int from, int count, float* scratch)
    {
        byte* start = B + (row * BRowBytes);
        if (BIsF32)
            return (float*)start + from;
        ToFloat(start + (from / BBlock * (long)BBlockBytes), scratch, count);
        return scratch;
    }
}
