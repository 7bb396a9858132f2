using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Tests.Kernels;

public sealed class DropoutTests
{
    public DropoutTests() => NativeLibraries.Load();

    [Fact]
    public void The_share_that_is_asked_for_becomes_zero_and_the_rest_makes_up_for_it()
    {
        float[] y = Dropped(seed: 1, stream: 2, threads: 2);
        Assert.Equal(0.3, y.Count(v => v == 0) / (double)y.Length, 0.01);
        Assert.All(y, v => Assert.True(v == 0 || Math.Abs(v - (1 / 0.7f)) < 1e-6f));
    }

    [Fact]
    public void The_mask_is_a_function_of_seed_and_stream_whatever_the_threads()
    {
        Assert.Equal(Dropped(1, 2, threads: 1), Dropped(1, 2, threads: 3));
        foreach (float[] other in new[] { Dropped(2, 2, 1), Dropped(1, 3, 1) })
            // As often equal as by chance.
            Assert.Equal((0.7 * 0.7) + (0.3 * 0.3), Dropped(1, 2, 1).Zip(other).Count(p => p.First == p.Second) / (double)other.Length, 0.02);
    }

    private static float[] Dropped(int seed, int stream, int threads)
    {
        using var backend = new CpuBackend(threads);
        using var graph = new Graph(backend, 8);
        Tensor x = graph.Input("x", GgmlType.F32, 100, 300), seeds = graph.Input("seed", GgmlType.I32, 1);
        Tensor y = graph.Output(graph.Dropout(x, seeds, new DropoutParameters(0.3f, stream)));
        graph.Allocate();
        x.AsSpan<float>().Fill(1);
        seeds.AsSpan<int>()[0] = seed;
        graph.Compute();
        return y.AsSpan<float>().ToArray();
    }
}
