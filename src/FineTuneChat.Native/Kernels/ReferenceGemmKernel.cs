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
        Multiply(c, GemmKernel.Term(c, 0, flags), accumulate: false, thread, threads);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void RunSum(ggml_tensor* c, int thread, int threads, void* flags)
    {
        Multiply(c, GemmKernel.Term(c, 0, flags), accumulate: false, thread, threads);
        Multiply(c, GemmKernel.Term(c, 2, flags), accumulate: true, thread, threads);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void RunInPlace(ggml_tensor* c, int thread, int threads, void* flags) =>
        Multiply(c, GemmKernel.Term(c, 1, flags), accumulate: true, thread, threads);

    private static void Multiply(ggml_tensor* result, in GemmTerm product, bool accumulate, int thread, int threads)
    {
        int m = (int)result->ne[0], n = (int)(result->ne[1] * result->ne[2] * result->ne[3]);
        var target = new Matrix((float*)result->data, m);
        int first = (int)((long)n * thread / threads), rows = (int)((long)n * (thread + 1) / threads) - first;
        float[] a = RowsOfA(product, first, rows);
        var scratch = new float[Math.Max(product.K, m)];
        fixed (float* unpacked = scratch)
        {
            for (int j = 0; !product.BTransposed && j < m; j++)
            {
                var b = new ReadOnlySpan<float>(product.Row(j, product.K, unpacked), product.K);
                for (int i = 0; i < rows; i++)
                {
                    float* c = target.Row(first + i) + j;
                    *c = TensorPrimitives.Dot(a.AsSpan(i * product.K, product.K), b) + (accumulate ? *c : 0);
                }
            }

            for (int l = 0; product.BTransposed && l < product.K; l++) // stored rows run across the columns of the result
            {
                var b = new ReadOnlySpan<float>(product.Row(l, m, unpacked), m);
                for (int i = 0; i < rows; i++)
                {
                    var c = new Span<float>(target.Row(first + i), m);
                    if (l == 0 && !accumulate)
                        c.Clear();
                    TensorPrimitives.MultiplyAdd(b, a[(i * product.K) + l], c, c);
                }
            }
        }
    }

    private static float[] RowsOfA(in GemmTerm product, int first, int rows)
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
