using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>Two matrices that are multiplied, Σ_l a(i, l) · b(j, l): where they lie and how they are read.</summary>
internal readonly unsafe struct GemmTerm
{
    private const int CacheLine = 64;

    private readonly byte* _b;
    private readonly long _bRowBytes;
    private readonly GgmlType _type;

    /// <summary>Of tensors; b may be of any type.</summary>
    public GemmTerm(ggml_tensor* a, ggml_tensor* b, bool transposeA, bool transposeB)
        : this(
            (int)a->ne[transposeA ? 1 : 0], new Matrix((float*)a->data, (long)a->nb[1] / sizeof(float)), transposeA, (byte*)b->data, (long)b->nb[1],
            (GgmlType)b->type, transposeB)
    {
    }

    /// <summary>Of floats: a [n, k] or, transposed, [k, n]; b [m, k] or [k, m].</summary>
    public GemmTerm(int k, Matrix a, bool transposeA, Matrix b, bool transposeB)
        : this(k, a, transposeA, (byte*)b.Start, b.Stride * sizeof(float), GgmlType.F32, transposeB)
    {
    }

    private GemmTerm(int k, Matrix a, bool transposeA, byte* b, long bRowBytes, GgmlType type, bool transposeB)
    {
        K = k;
        A = a;
        ATransposed = transposeA;
        BTransposed = transposeB;
        _b = b;
        _bRowBytes = bRowBytes;
        _type = type;
    }

    /// <summary>Terms of each sum.</summary>
    public int K { get; }

    public Matrix A { get; }

    /// <summary>Whether a's rows run across the result's.</summary>
    public bool ATransposed { get; }

    /// <summary>Whether b's rows run across the result's columns.</summary>
    public bool BTransposed { get; }

    public bool BIsF32 => _type == GgmlType.F32;

    /// <summary>b where it is floats.</summary>
    public Matrix B => new((float*)_b, _bRowBytes / sizeof(float));

    /// <summary>Elements in a block of b's type: rows can be cut only between blocks.</summary>
    public int BBlock => GgmlTypes.BlockSize(_type);

    /// <summary>a and b change places, which transposes the result. b must be floats.</summary>
    public GemmTerm Swapped => new(K, B, BTransposed, A, ATransposed);

    /// <summary>Lets a part of a block of b come closer while something else is computed: fetching what is packed next costs nothing then.</summary>
    public void Prefetch(int column, int columns, int from, int depth, int part, int parts)
    {
        var (row, rows, first, count) = BTransposed ? (from, depth, column, columns) : (column, columns, from, depth);
        long start = first / BBlock * (long)GgmlTypes.BlockBytes(_type), end = (first + count) / BBlock * (long)GgmlTypes.BlockBytes(_type);
        for (int r = (int)((long)rows * part / parts); Sse.IsSupported && r < (int)((long)rows * (part + 1) / parts); r++)
        {
            byte* source = _b + ((row + r) * _bRowBytes);
            for (long at = start; at < end; at += CacheLine)
                Sse.Prefetch1(source + at);
        }
    }

    /// <summary>b's stored row as floats: in place when they are, else unpacked into <paramref name="scratch"/>.</summary>
    public float* Row(long row, int count, float* scratch)
    {
        if (BIsF32)
            return B.Row(row);
        UnpackRow(row, 0, count, scratch);
        return scratch;
    }

    /// <summary>Elements [from, from + count) of b's stored row become floats.</summary>
    public void UnpackRow(long row, int from, int count, float* target)
    {
        byte* source = _b + (row * _bRowBytes) + (from / BBlock * (long)GgmlTypes.BlockBytes(_type));
        switch (_type)
        {
            case GgmlType.BF16:
                Unpacking.BF16((ushort*)source, target, count);
                break;
            case GgmlType.F16:
                TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(source, count), new Span<float>(target, count));
                break;
            case GgmlType.Q8_0:
                Unpacking.Q8_0(source, target, count);
                break;
            default:
                GgmlNative.ggml_get_type_traits((int)_type)->to_float(source, target, count);
                break;
        }
    }
}
