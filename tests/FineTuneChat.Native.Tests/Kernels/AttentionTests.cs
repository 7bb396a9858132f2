using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Kernels;

/// <summary>Blocks of attention against the formulas, token by token, in double precision.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class AttentionTests
{
    private const int Width = 20;

    public AttentionTests() => NativeLibraries.Load();

    // Sequences longer and shorter than a block of tokens (12 to 96, by the heads that share keys), fewer and more threads than heads.
    [Theory]
    [InlineData(1, 1, 1, 0, 0)]
    [InlineData(14, 2, 2, 0, 0)]
    [InlineData(3, 1, 3, 0, 0)]
    [InlineData(4, 4, 3, 17, 0)]
    [InlineData(8, 2, 4, 0, 2)]
    [InlineData(9, 3, 2, 30, 3)]
    public void Attention_and_its_gradients_are_those_of_the_formulas(int heads, int kvHeads, int threads, int window, float cap)
    {
        int[] starts = [.. Sequence(0, 150), .. Sequence(150, 1), .. Sequence(151, 30), .. Sequence(181, 12)];
        var parameters = new AttentionParameters(0.3f, window, cap);
        float[] q = Random(heads * starts.Length, 1), k = Random(kvHeads * starts.Length, 2), v = Random(kvHeads * starts.Length, 3);
        float[] dy = Random(heads * starts.Length, 4);
        float[][] actual = Kernel(q, k, v, dy, starts, heads, kvHeads, threads, parameters);
        double[][] expected = Formulas(q, k, v, dy, starts, heads, kvHeads, parameters);
        foreach ((double[] e, float[] a) in expected.Zip(actual))
            Assert.All(e.Zip(a), pair => Assert.Equal(pair.First, pair.Second, 2e-4));
    }

    [Fact]
    public void Scores_beyond_the_range_of_the_exponential_are_still_probabilities()
    {
        int[] starts = Sequence(0, 40);
        float[] x = [.. Random(starts.Length, 1).Select(value => value * 30)];
        foreach (float[] part in Kernel(x, x, x, x, starts, 1, 1, 1, new AttentionParameters(1)))
            Assert.DoesNotContain(part, value => !float.IsFinite(value));
    }

    private static int[] Sequence(int start, int length) => [.. Enumerable.Repeat(start, length)];

    private static float[] Random(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * Width).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static float[][] Kernel(
        float[] q, float[] k, float[] v, float[] dy, int[] starts, int heads, int kvHeads, int threads, AttentionParameters parameters)
    {
        using var backend = new CpuBackend(threads);
        using var graph = new Graph(backend, 64);
        int tokens = starts.Length;
        Tensor tq = graph.Input("q", GgmlType.F32, Width, heads, tokens), tdy = graph.Input("dy", GgmlType.F32, Width, heads, tokens);
        Tensor tk = graph.Input("k", GgmlType.F32, Width, kvHeads, tokens), tv = graph.Input("v", GgmlType.F32, Width, kvHeads, tokens);
        Tensor first = graph.Input("starts", GgmlType.I32, tokens);
        var (dq, dk, dv) = graph.AttentionBack(tdy, tq, tk, tv, first, parameters);
        Tensor[] results = [.. new[] { graph.Attention(tq, tk, tv, first, parameters), dq, dk, dv }.Select(t => graph.Output(graph.Contiguous(t)))];
        graph.Allocate();
        foreach ((Tensor tensor, float[] values) in new[] { (tq, q), (tk, k), (tv, v), (tdy, dy) })
            values.CopyTo(tensor.AsSpan<float>());
        starts.CopyTo(first.AsSpan<int>());
        graph.Compute();
        return [.. results.Select(t => t.AsSpan<float>().ToArray())];
    }

    private static double[][] Formulas(float[] q, float[] k, float[] v, float[] dy, int[] starts, int heads, int kvHeads, AttentionParameters how)
    {
        double[] o = new double[q.Length], dq = new double[q.Length], dk = new double[k.Length], dv = new double[v.Length];
        for (int i = 0; i < starts.Length; i++)
        {
            for (int head = 0; head < heads; head++)
            {
                int own = ((i * heads) + head) * Width, first = how.FirstSeen(starts[i], i), count = i - first + 1;
                int Key(int j) => (((first + j) * kvHeads) + (head * kvHeads / heads)) * Width;
                double Dot(float[] a, int at, float[] b, int bt) => Enumerable.Range(0, Width).Sum(d => (double)a[at + d] * b[bt + d]);

                double[] z = [.. Enumerable.Range(0, count).Select(j => how.Scale * Dot(q, own, k, Key(j)))];
                if (how.Cap > 0)
                    z = [.. z.Select(score => how.Cap * Math.Tanh(score / how.Cap))];
                double sum = z.Sum(Math.Exp);
                double[] p = [.. z.Select(score => Math.Exp(score) / sum)], dp = [.. Enumerable.Range(0, count).Select(j => Dot(dy, own, v, Key(j)))];
                double mean = p.Zip(dp, (a, b) => a * b).Sum();
                for (int j = 0; j < count; j++)
                {
                    double ds = how.Scale * p[j] * (dp[j] - mean) * (how.Cap > 0 ? 1 - (z[j] * z[j] / (how.Cap * how.Cap)) : 1);
                    for (int d = 0; d < Width; d++)
                    {
                        o[own + d] += p[j] * v[Key(j) + d];
                        dv[Key(j) + d] += p[j] * dy[own + d];
                        dq[own + d] += ds * k[Key(j) + d];
                        dk[Key(j) + d] += ds * q[own + d];
                    }
                }
            }
        }

        return [o, dq, dk, dv];
    }
}
