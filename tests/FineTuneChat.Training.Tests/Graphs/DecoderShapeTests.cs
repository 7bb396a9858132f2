using FineTuneChat.Native.Gguf;
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
    [InlineData(4096, "rope_factors_short.weight")]
    [InlineData(4097, "rope_factors_long.weight")]
    public void Long_contexts_take_the_long_frequency_factors(int context, string factors)
    {
        var shape = new RandomModelShape
        {
            Architecture = "phi3", FrequencyFactors = ["rope_factors_long.weight", "rope_factors_short.weight"],
            Metadata = new() { ["rope.scaling.original_context_length"] = 4096u },
        };
        Assert.Equal(factors, Read(shape, context).FrequencyFactors);
    }

    private DecoderShape Read(RandomModelShape shape, int context = 0) =>
        DecoderShape.FromGguf(GgufFile.Open(RandomModel.Write(_folder["model.gguf"], shape)), context);
}
