using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>The matrix product of <see cref="GemmKernel"/> as the textbook has it, in 32-bit floats: what the fast one is compared with.</summary>
internal static unsafe class ReferenceGemmKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Run(ggml_tensor* c, int thread, int threads, void* flags) =>
        Multiply(GemmKernel.Product(c, (ggml_tensor*)c->src[0], (ggml_tensor*)c->src[1], (int)(nint)flags), thread, threads);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void RunInPlace(ggml_tensor* c, int thread, int threads, void* flags) =>
        Multiply(GemmKernel.Product(c, (ggml_tensor*)c->src[1], (ggml_tensor*)c->src[2], (int)(nint)flags), thread, threads);

    private static void Multiply(in GemmProduct product, int thread, int threads)
    {
        int first = (int)((long)product.N * thread / threads), rows = (int)((long)product.N * (thread + 1) / threads) - first;
        float[] a = RowsOfA(product, first, rows);
        var scratch = new float[Math.Max(product.K, product.M)];
        fixed (float* unpacked = scratch)
        {
            for (int j = 0; !product.BTransposed && j < product.M; j++)
            {
                var b = new ReadOnlySpan<float>(product.BRow(j, 0, product.K, unpacked), product.K);
                for (int i = 0; i < rows; i++)
                {
                    float* c = product.C.Row(first + i) + j;
                    *c = TensorPrimitives.Dot(a.AsSpan(i * product.K, product.K), b) + (product.Accumulate ? *c : 0);
                }
            }

            for (int l = 0; product.BTransposed && l < product.K; l++) // stored rows run across the columns of the result
            {
                var b = new ReadOnlySpan<float>(product.BRow(l, 0, product.M, unpacked), product.M);
                for (int i = 0; i < rows; i++)
                {
                    var c = new Span<float>(product.C.Row(first + i), product.M);
                    if (l == 0 && !product.Accumulate)
                        c.Clear();
                    TensorPrimitives.MultiplyAdd(b, a[(i * product.K) + l], c, c);
                }
            }
        }
    }

    private static float[] RowsOfA(in GemmProduct product, int first, int rows)
    {
        var a = new float[rows * product.K];
        for (int i = 0; i < rows; i++)
        {
            for (int l = 0; l < product.K; l++)
                a[(i * product.K) + l] = product.ATransposed ? product.A.Row(l)[first + i] : product.A.Row(first + i)[l];
        }

        return a;
    }
}
