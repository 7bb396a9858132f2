using System.Numerics.Tensors;
using FineTuneChat.Inference.Embeddings;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Inference.Tests.Embeddings;

public sealed class EmbedderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model;

    public EmbedderTests()
    {
        NativeLibraries.Load();
        _model = LlamaModel.Load(RandomModel.Write(_folder["tiny.gguf"], new RandomModelShape(Context: 2048)));
    }

    private static int[] Text(int length) => [.. Enumerable.Range(0, length).Select(i => 'a' + (i * 7 % 26))];

    /// <summary>However the text is cut into batches, the vector is the normalised mean of its tokens' states.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(200)]
    public async Task A_vector_is_the_mean_of_the_hidden_states(int length)
    {
        using var embedder = new Embedder(_model, contextLength: 2048, new ContextOptions());
        float[] vector = await embedder.EmbedAsync(Text(length), embedder.Dimensions, adapter: null, CancellationToken.None);

        using var context = new LlamaContext(_model, new() { CacheTokens = 512, Embeddings = true });
        var batch = new LlamaBatch(length);
        for (int i = 0; i < length; i++)
            batch.Add(Text(length)[i], i, 0, output: true);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        float[] mean = new float[embedder.Dimensions];
        for (int i = 0; i < length; i++)
            TensorPrimitives.Add(mean, context.EmbeddingOf(i), mean);

        Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 1e-5);
        Assert.Equal(1, TensorPrimitives.CosineSimilarity<float>(mean, vector), 1e-5);
    }

    [Fact]
    public async Task Texts_of_any_length_and_many_at_a_time_get_the_vectors_that_they_get_alone()
    {
        using var embedder = new Embedder(_model, contextLength: 2048, new ContextOptions());
        int[] lengths = [5, 2048, 600, 100, 5];
        var alone = new List<float[]>();
        foreach (int length in lengths)
            alone.Add(await embedder.EmbedAsync(Text(length), 16, adapter: null, CancellationToken.None));

        Assert.Equal(alone, await Task.WhenAll(lengths.Select(length => embedder.EmbedAsync(Text(length), 16, adapter: null, CancellationToken.None))));
        Assert.Equal(alone[0], alone[4]);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => embedder.EmbedAsync(Text(2049), 16, adapter: null, CancellationToken.None));
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }
}
