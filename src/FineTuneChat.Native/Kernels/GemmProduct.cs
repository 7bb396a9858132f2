using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>One matrix product: where its matrices lie and how they are read.</summary>
internal readonly unsafe struct GemmProduct
{
    /// <summary>Of tensors; b may be of any type.</summary>
    public GemmProduct(ggml_tensor* c, ggml_tensor* a, ggml_tensor* b, bool transposeA, bool transposeB, bool accumulate)
    {
        M = (int)b->ne[transposeB ? 0 : 1];
        N = (int)a->ne[transposeA ? 0 : 1];
        K = (int)a->ne[transposeA ? 1 : 0];
        C = new Matrix((float*)c->data, M);
        A = new Matrix((float*)a->data, (long)a->nb[1] / sizeof(float));
        B = (byte*)b->data;
        BRowBytes = (long)b->nb[1];
        ATransposed = transposeA;
        BTransposed = transposeB;
        Accumulate = accumulate;
        var type = (GgmlType)b->type;
        BIsF32 = type == GgmlType.F32;
        BBlock = GgmlTypes.BlockSize(type);
        BBlockBytes = GgmlTypes.BlockBytes(type);
        ToFloat = GgmlNative.ggml_get_type_traits(b->type)->to_float;
    }

    /// <summary>Of floats: c [n rows, m] (+)= a [n, k] · b [m, k]ᵀ, of which a and b may lie transposed.</summary>
    public GemmProduct(int n, int m, int k, Matrix c, Matrix a, Matrix b, bool transposeA = false, bool transposeB = false, bool accumulate = false)
    {
        M = m;
        N = n;
        K = k;
        C = c;
        A = a;
        B = (byte*)b.Start;
        BRowBytes = b.Stride * sizeof(float);
        ATransposed = transposeA;
        BTransposed = transposeB;
        Accumulate = accumulate;
        BIsF32 = true;
        BBlock = 1;
        BBlockBytes = sizeof(float);
    }

    public Matrix C { get; }

    public Matrix A { get; }

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
