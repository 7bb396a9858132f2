using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>What cannot be trained as llama.cpp would serve it is refused before anything is trained.</summary>
public sealed class DecoderShapeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_architecture_without_a_training_graph_is_refused_by_name_with_the_list_of_those_that_have_one()
    {
        var e = Assert.Throws<NotSupportedException>(() => Read(new RandomModelShape { Architecture = "mamba2" }));
        Assert.Contains("architecture 'mamba2' is not supported", e.Message, StringComparison.Ordinal);
        Assert.Contains("llama, qwen2, qwen3, smollm3, phi3, gemma2, gemma3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variant_with_a_tensor_that_the_graph_would_leave_out_is_refused()
    {
        var e = Assert.Throws<NotSupportedException>(() => Read(new RandomModelShape { Architecture = "qwen2", FrequencyFactors = ["rope_freqs.weight"] }));
        Assert.Contains("tensor 'rope_freqs.weight'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        var e = Assert.Throws<GgufException>(() => Read(new RandomModelShape { Metadata = new() { ["block_count"] = 3u } }));
        Assert.Contains("no tensor 'blk.2.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("feed_forward_length", 100u, "'blk.0.ffn_gate.weight' is [64, 128]")]
    [InlineData("attention.head_count_kv", 3u, "4 heads cannot share 3")]
    [InlineData("block_count", 1_000_000u, "declares 1000000 layers")]
    [InlineData("rope.dimension_count", 33u, "an even number")]
    [InlineData("embedding_length", 0u, "a positive number is needed")]
    public void Metadata_that_do_not_fit_the_tensors_are_refused(string key, object value, string message)
    {
        var e = Assert.Throws<GgufException>(() => Read(new RandomModelShape { Metadata = new() { [key] = value } }));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_way_of_scaling_the_rope_is_refused()
    {
        var e = Assert.Throws<NotSupportedException>(() => Read(new RandomModelShape { Metadata = new() { ["rope.scaling.type"] = "dynamic" } }));
        Assert.Contains("rope scaling 'dynamic'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, RopeFactors.Short)]
    [InlineData(65, RopeFactors.Long)]
    [InlineData(0, RopeFactors.Long)] // as trained: 512
    [Trait(Tier.Name, Tier.Slow)]
    public void Of_two_ropes_the_context_that_is_served_takes_one_for_trainer_and_llama_cpp_whatever_the_cache(int context, string factors)
    {
        NativeLibraries.Load();
        string path = RandomModel.Write(_folder["model.gguf"], new RandomModelShape
        {
            Architecture = "phi3",
            FusedHeads = true,
            Tied = false,
            FrequencyFactors = [RopeFactors.Long, RopeFactors.Short],
            Metadata = new() { ["rope.scaling.original_context_length"] = 64u },
        });
        using var backend = new CpuBackend(1);
        using MappedModel model = MappedModel.Open(path);
        var served = new RopeOptions { ServedContext = context };
        Assert.Equal(factors, DecoderShape.FromGguf(model.File, served).FrequencyFactors);

        float[] trained = ModelComparison.OfGraph(backend, model, rope: served);
        foreach (int cache in (int[])[32, 256, 1024]) // before, between and beyond both contexts
            Assert.InRange(ModelComparison.RelativeL2(trained, ModelComparison.OfLlama(path, rope: served, cacheTokens: cache)), 0, 1e-4);
        var other = new RopeOptions { ServedContext = factors == RopeFactors.Long ? 64 : 0 };
        Assert.True(ModelComparison.RelativeL2(trained, ModelComparison.OfGraph(backend, model, rope: other)) > 0.01, "both ropes are one");
    }

    private DecoderShape Read(RandomModelShape shape) =>
        DecoderShape.FromGguf(GgufFile.Open(RandomModel.Write(_folder["model.gguf"], shape)));
}
