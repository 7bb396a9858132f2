using System.Numerics.Tensors;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Embeddings;

/// <summary>Vectors and scores of models that are made for them, against llama.cpp's own pooling.</summary>
public sealed class PoolingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PoolingTests() => NativeLibraries.Load();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert", Pooling.Mean)]
    [InlineData("bert", Pooling.First)]
    [InlineData("bert", Pooling.Last)]
    [InlineData("bert", Pooling.Score)]
    [InlineData("nomic-bert", Pooling.Mean)]
    [InlineData("qwen3", Pooling.Last)]
    [InlineData("qwen3", Pooling.Mean)]
    public async Task A_text_gets_the_vector_that_llama_cpp_pools(string architecture, Pooling pooling)
    {
        using LlamaModel model = Model(architecture, pooling);
        using var embedder = new Embedder(model, RandomEncoder.Context, new ContextOptions());

        var vectors = new List<float[]>();
        foreach (int length in (int[])[7, 100, 3, 256])
        {
            int[] text = [.. Enumerable.Range(0, length).Select(i => 'a' + (i * 7 % 26))];
            float[] vector = await embedder.EmbedAsync(text, embedder.Dimensions, adapter: null, CancellationToken.None);
            float[] pooled = Pooled(model, text, pooling, embedder.Dimensions);
            if (pooling != Pooling.Score)
                TensorPrimitives.Divide(pooled, TensorPrimitives.Norm<float>(pooled), pooled);

            Assert.All(vector.Zip(pooled), pair => Assert.Equal(pair.Second, pair.First, 1e-3f));
            vectors.Add(vector);
        }

        Assert.Equal(pooling == Pooling.Score ? 1 : RandomEncoder.Width, embedder.Dimensions);
        Assert.Equal(4, vectors.Select(v => v[0]).Distinct().Count());
    }

    private LlamaModel Model(string architecture, Pooling pooling)
    {
        string path = _folder["model.gguf"];
        if (architecture != "qwen3")
            return LlamaModel.Load(RandomEncoder.Write(path, (int)pooling, architecture));
        return LlamaModel.Load(RandomModel.Write(path, new() { Architecture = architecture, Metadata = new() { ["pooling_type"] = (uint)pooling } }));
    }

    private static float[] Pooled(LlamaModel model, int[] text, Pooling pooling, int width)
    {
        using var context = new LlamaContext(
            model, new() { CacheTokens = 256, BatchSize = 256, MicroBatchSize = 256, MaxSequences = 1, Embeddings = true, Pooling = pooling });
        var batch = new LlamaBatch(text.Length);
        for (int i = 0; i < text.Length; i++)
            batch.Add(text[i], i, sequence: 0, output: true);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        return context.PooledOf(0, width).ToArray();
    }
}
