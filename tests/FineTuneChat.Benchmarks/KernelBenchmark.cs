using System.Runtime.InteropServices;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Kernels;

namespace FineTuneChat.Benchmarks;

/// <summary>The matrix product against its own micro-kernel on data that never leaves L1: what is lost to packing, memory and sharing.</summary>
internal static class KernelBenchmark
{
    private const int Depth = 256, Tokens = 512;
    private static readonly (int In, int Out)[] Shapes = [(256, 1024), (896, 896), (896, 4864), (4864, 896)];

    /// <summary>FLOP/s of the micro-kernel on so many threads.</summary>
    public static double Peak(int threads)
    {
        const int Rounds = 20_000;
        double seconds = Clock.Best(5, () => Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Spin(Rounds)));
        return 2.0 * MicroKernel.Rows * MicroKernel.Columns * Depth * Rounds * threads / seconds;
    }

    public static void Run(Report report)
    {
        int threads = Environment.ProcessorCount;
        double peak = Peak(threads);
        report.Add($"micro-kernel in L1, {threads} threads", peak / 1e9, "GFLOPS");
        report.Add("micro-kernel in L1, 1 thread", Peak(1) / 1e9, "GFLOPS");
        foreach ((int inputs, int outputs) in Shapes)
            foreach (GgmlType type in (GgmlType[])[GgmlType.F32, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_K])
            {
                if (inputs % GgmlTypes.BlockSize(type) != 0)
                    continue; // llama.cpp stores such a matrix in another type, too
                double rate = Product(inputs, outputs, type, threads);
                report.Add($"product {inputs} → {outputs}, {Tokens} tokens, {type}", rate / 1e9, "GFLOPS", rate / peak, "micro-kernel");
            }
    }

    private static double Product(int inputs, int outputs, GgmlType type, int threads)
    {
        using var backend = new CpuBackend(threads);
        using var graph = new Graph(backend, 16);
        Tensor x = graph.Input("x", GgmlType.F32, inputs, Tokens);
        Tensor weight = graph.Input("w", type, inputs, outputs); // zeros unpack as fast as any other numbers
        graph.Output(graph.Gemm(x, weight));
        graph.Allocate();
        x.AsSpan<float>().Fill(0.5f);
        return 2.0 * inputs * outputs * Tokens / Clock.Best(10, graph.Compute);
    }

    private static unsafe void Spin(int rounds)
    {
        float* a = (float*)NativeMemory.AlignedAlloc((nuint)(Depth * MicroKernel.Rows * sizeof(float)), 64);
        float* b = (float*)NativeMemory.AlignedAlloc((nuint)(Depth * MicroKernel.Columns * sizeof(float)), 64);
        float* c = (float*)NativeMemory.AlignedAlloc((nuint)(MicroKernel.Rows * MicroKernel.Columns * sizeof(float)), 64);
        new Span<float>(a, Depth * MicroKernel.Rows).Fill(1);
        new Span<float>(b, Depth * MicroKernel.Columns).Fill(1);
        for (int i = 0; i < rounds; i++)
            MicroKernel.Multiply(Depth, a, b, c);
        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
    }

    /// <summary>The micro-kernel that <see cref="GemmKernel"/> takes on this machine.</summary>
    private static unsafe class MicroKernel
    {
        public static int Rows =>
            GemmKernel.HasAvx512 ? Avx512MicroKernel.Rows
            : GemmKernel.HasAvx2 ? Avx2MicroKernel.Rows
            : GemmKernel.HasNeon ? NeonMicroKernel.Rows
            : PortableMicroKernel.Rows;

        public static int Columns =>
            GemmKernel.HasAvx512 ? Avx512MicroKernel.Columns
            : GemmKernel.HasAvx2 ? Avx2MicroKernel.Columns
            : GemmKernel.HasNeon ? NeonMicroKernel.Columns
            : PortableMicroKernel.Columns;

        public static void Multiply(int depth, float* a, float* b, float* c)
        {
            if (GemmKernel.HasAvx512)
                Avx512MicroKernel.Multiply(depth, a, b, c, Columns, accumulate: false);
            else if (GemmKernel.HasAvx2)
                Avx2MicroKernel.Multiply(depth, a, b, c, Columns, accumulate: false);
            else if (GemmKernel.HasNeon)
                NeonMicroKernel.Multiply(depth, a, b, c, Columns, accumulate: false);
            else
                PortableMicroKernel.Multiply(depth, a, b, c, Columns, accumulate: false);
        }
    }
}
