using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// The matrix product as a node of a ggml graph: c[j, i] = Σ_l a(i, l) · b(j, l). b may be of any type; it becomes floats while it is packed, so that
/// frozen weights need neither an unpacked nor a transposed copy. Blocks after Goto and van de Geijn, "Anatomy of high-performance matrix
/// multiplication" (2008): a panel of b stays in L2, a panel of a in L1, a tile of c in registers.
/// </summary>
internal static unsafe class GemmKernel
{
    private const int TransposeA = 1;
    private const int TransposeB = 2;
    private const int Accumulate = 4;

    /// <summary>Whether products run on <see cref="Avx512MicroKernel"/>.</summary>
    public static bool HasAvx512 => Avx512F.IsSupported && Vector512.IsHardwareAccelerated;

    /// <summary>Whether they run on <see cref="Avx2MicroKernel"/> where <see cref="HasAvx512"/> is false.</summary>
    public static bool HasAvx2 => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Whether they run on <see cref="NeonMicroKernel"/>.</summary>
    public static bool HasNeon => AdvSimd.Arm64.IsSupported;

    /// <summary>What a node of the graph asks for.</summary>
    public static nint Flags(bool transposeA, bool transposeB, bool accumulate) =>
        (transposeA ? TransposeA : 0) | (transposeB ? TransposeB : 0) | (accumulate ? Accumulate : 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Run(ggml_tensor* c, int thread, int threads, void* flags) =>
        Run(Product(c, Term(c, 0, flags), default, flags), thread, threads);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void RunSum(ggml_tensor* c, int thread, int threads, void* flags) =>
        Run(Product(c, Term(c, 0, flags), Term(c, 2, flags), flags), thread, threads);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void RunInPlace(ggml_tensor* c, int thread, int threads, void* flags) =>
        Run(Product(c, Term(c, 1, flags), default, flags), thread, threads);

    /// <summary>A thread's share of a product, on the best micro-kernel of this machine.</summary>
    public static void Run(in GemmProduct product, int thread, int threads)
    {
        if (HasAvx512)
            GemmBlocks<Avx512MicroKernel>.Run(product, thread, threads);
        else if (HasAvx2)
            GemmBlocks<Avx2MicroKernel>.Run(product, thread, threads);
        else if (HasNeon)
            GemmBlocks<NeonMicroKernel>.Run(product, thread, threads);
        else
            GemmBlocks<PortableMicroKernel>.Run(product, thread, threads);
    }

    /// <summary>What a node multiplies: two of its sources.</summary>
    public static GemmTerm Term(ggml_tensor* c, int source, void* flags) =>
        new((ggml_tensor*)c->src[source], (ggml_tensor*)c->src[source + 1], ((nint)flags & TransposeA) != 0, ((nint)flags & TransposeB) != 0);

    private static GemmProduct Product(ggml_tensor* c, GemmTerm first, GemmTerm second, void* flags)
    {
        int columns = (int)c->ne[0], rows = (int)(c->ne[1] * c->ne[2] * c->ne[3]);
        return new(rows, columns, new Matrix((float*)c->data, columns), first, second, ((nint)flags & Accumulate) != 0);
    }
}
