using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Kernels;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Kernels;

public sealed class GemmTests
{
    public GemmTests() => NativeLibraries.Load();

    public static TheoryData<GgmlType> WeightTypes =>
        [.. GgmlTypes.Known.Except([GgmlType.F32, GgmlType.F64, GgmlType.I8, GgmlType.I16, GgmlType.I32, GgmlType.I64, GgmlType.Q8_1])];

    // Odd sizes, sizes around the tile (12 × 32), the depth block (1024), the column block (128), the row block (1008), and results narrower than a tile.
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(5, 7, 3, 2)]
    [InlineData(31, 33, 13, 2)]
    [InlineData(513, 257, 25, 2)]
    [InlineData(70, 16, 100, 2)]
    [InlineData(3, 1, 40, 3)]
    [InlineData(64, 40, 1030, 3)]
    [InlineData(1300, 140, 12, 2)]
    public void A_product_is_that_of_the_textbook_however_its_matrices_lie(int k, int m, int n, int threads)
    {
        float[] a = Random(k * n, 1), b = Random(k * m, 2);
        double[] expected = Textbook(a, b, k, m, n);
        foreach (bool transposeA in new[] { false, true })
        {
            foreach (bool transposeB in new[] { false, true })
            {
                float[] actual = Product(transposeA ? Transposed(a, k, n) : a, transposeA, transposeB ? Transposed(b, k, m) : b, transposeB, k, m, n, threads);
                AssertClose(expected, actual, k);
            }
        }
    }

    // How low-rank matrices stand beside a weight.
    [Theory]
    [InlineData(50, 16, 70, 14, false)]
    [InlineData(50, 16, 70, 14, true)]
    [InlineData(1100, 8, 40, 30, false)]
    [InlineData(1100, 8, 40, 30, true)]
    [InlineData(9, 3, 5, 30, false)]
    public void The_sum_of_two_products_is_that_of_the_textbook(int k, int rank, int m, int n, bool transposeB)
    {
        float[] a = Random(k * n, 1), b = Random(k * m, 2), c = Random(rank * n, 3), d = Random(rank * m, 4);
        using var backend = new CpuBackend(2);
        using var graph = new Graph(backend, 16);
        Tensor ta = graph.Input("a", GgmlType.F32, k, n), tc = graph.Input("c", GgmlType.F32, rank, n);
        Tensor tb = graph.Input("b", GgmlType.F32, transposeB ? m : k, transposeB ? k : m);
        Tensor td = graph.Input("d", GgmlType.F32, transposeB ? m : rank, transposeB ? rank : m);
        Tensor sum = graph.Output(graph.GemmSum(ta, tb, tc, td, transposeB));
        graph.Allocate();
        a.CopyTo(ta.AsSpan<float>());
        c.CopyTo(tc.AsSpan<float>());
        (transposeB ? Transposed(b, k, m) : b).CopyTo(tb.AsSpan<float>());
        (transposeB ? Transposed(d, rank, m) : d).CopyTo(td.AsSpan<float>());
        graph.Compute();
        AssertClose([.. Textbook(a, b, k, m, n).Zip(Textbook(c, d, rank, m, n), (x, y) => x + y)], sum.AsSpan<float>().ToArray(), k + rank);
    }

    [Fact]
    public void Every_micro_kernel_that_runs_here_multiplies_a_tile()
    {
        Tile<PortableMicroKernel>();
        if (System.Runtime.Intrinsics.X86.Fma.IsSupported)
            Tile<Avx2MicroKernel>();
        if (System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
            Tile<Avx512MicroKernel>();
        if (System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported)
            Tile<NeonMicroKernel>();
    }

    // A base's weights are frozen in their file; the product unpacks them as it goes, along rows (forward) and across them (backward).
    [Theory]
    [MemberData(nameof(WeightTypes))]
    [Trait(Tier.Name, Tier.Slow)]
    public void A_matrix_of_any_type_multiplies_as_the_floats_it_stands_for(GgmlType type)
    {
        const int Columns = 1280, Rows = 300, Tokens = 14;
        foreach (bool transposed in new[] { false, true })
        {
            using var backend = new CpuBackend(2);
            using var store = new TensorStore(2);
            Tensor weight = store.Add("weight", type, Columns, Rows), floats = store.Add("floats", GgmlType.F32, Columns, Rows);
            store.Allocate();
            Fill(weight, seed: 2);
            Assert.DoesNotContain(weight.ToFloats(), value => !float.IsFinite(value));
            Assert.Contains(weight.ToFloats(), value => value != 0);
            weight.ToFloats().CopyTo(floats.AsSpan<float>());
            using var graph = new Graph(backend, 16);
            Tensor x = graph.Input("x", GgmlType.F32, transposed ? Rows : Columns, Tokens);
            Tensor y = graph.Output(graph.Gemm(x, weight, transposeB: transposed)), expected = graph.Output(graph.Gemm(x, floats, transposeB: transposed));
            graph.Allocate();
            Random((int)x.ElementCount, 3).CopyTo(x.AsSpan<float>());
            graph.Compute();
            Assert.Equal(expected.AsSpan<float>().ToArray(), y.AsSpan<float>().ToArray());
        }
    }

    /// <summary>Any bytes are weights of some value; small ones keep the 16-bit scales among them finite.</summary>
    private static unsafe void Fill(Tensor target, int seed)
    {
        var random = new Random(seed);
        foreach (ref byte value in new Span<byte>(target.Pointer->data, (int)(GgmlTypes.RowBytes(target.Type, target.Size(0)) * target.Size(1))))
            value = (byte)random.Next(0x3C);
    }

    private static unsafe void Tile<TKernel>()
        where TKernel : struct, IMicroKernel
    {
        const int Depth = 37;
        int rows = TKernel.Rows, columns = TKernel.Columns;
        float[] a = Random(Depth * rows, 1), b = Random(Depth * columns, 2), c = new float[rows * columns];
        for (int round = 1; round <= 2; round++)
        {
            fixed (float* pa = a, pb = b, pc = c)
                TKernel.Multiply(Depth, pa, pb, pc, columns, accumulate: round == 2);
            for (int r = 0; r < rows; r++)
            {
                for (int j = 0; j < columns; j++)
                    Assert.Equal(round * Enumerable.Range(0, Depth).Sum(p => (double)a[(p * rows) + r] * b[(p * columns) + j]), c[(r * columns) + j], 1e-4);
            }
        }
    }

    private static float[] Product(float[] a, bool transposeA, float[] b, bool transposeB, int k, int m, int n, int threads)
    {
        using var backend = new CpuBackend(threads);
        using var graph = new Graph(backend, 16);
        Tensor ta = graph.Input("a", GgmlType.F32, transposeA ? n : k, transposeA ? k : n);
        Tensor tb = graph.Input("b", GgmlType.F32, transposeB ? m : k, transposeB ? k : m);
        Tensor c = graph.Output(graph.Gemm(ta, tb, transposeA, transposeB));
        graph.Allocate();
        a.CopyTo(ta.AsSpan<float>());
        b.CopyTo(tb.AsSpan<float>());
        graph.Compute();
        return c.AsSpan<float>().ToArray();
    }

    private static double[] Textbook(float[] a, float[] b, int k, int m, int n)
    {
        var c = new double[m * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < m; j++)
            {
                double sum = 0;
                for (int l = 0; l < k; l++)
                    sum += (double)a[(i * k) + l] * b[(j * k) + l];
                c[(i * m) + j] = sum;
            }
        }

        return c;
    }

    private static float[] Transposed(float[] x, int columns, int rows)
    {
        var t = new float[x.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
                t[(c * rows) + r] = x[(r * columns) + c];
        }

        return t;
    }

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static void AssertClose(double[] expected, float[] actual, int k)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-5 * Math.Sqrt(k) + 1e-6, $"element {i}: {actual[i]} instead of {expected[i]}");
    }
}
