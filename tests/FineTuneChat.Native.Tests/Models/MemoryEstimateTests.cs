using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.ModelProbe;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.Native.Tests.Models;

/// <summary>The estimate against the sizes of the buffers that llama.cpp then makes, by its own log, in a process of its own.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class MemoryEstimateTests(ITestOutputHelper output) : IDisposable
{
    private const double ComputeTolerance = 0.25, TotalTolerance = 0.1;
    private const long Slack = 1 << 20; // bytes: llama.cpp writes sizes with two decimals of a MiB, and aligns

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Shapes => [.. All.Keys];

    private static Dictionary<string, RandomModelShape> All { get; } = new()
    {
        ["llama"] = new(Layers: 3, Width: 512, Heads: 8, KvHeads: 2, FeedForward: 1536, Context: 4096),
        ["llama, every head its own keys"] = new(Layers: 2, Width: 512, Heads: 8, KvHeads: 8, FeedForward: 1024, Context: 4096),
        ["qwen2"] = new(Layers: 2, Width: 512, Heads: 8, KvHeads: 2, FeedForward: 2048, Context: 4096) { Architecture = "qwen2", Biases = true },
        ["qwen3"] = new(Layers: 2, Width: 256, Heads: 4, KvHeads: 2, FeedForward: 1024, Context: 4096) { Architecture = "qwen3", HeadWidth = 128 },
        ["phi3"] = new(Layers: 2, Width: 512, Heads: 8, KvHeads: 8, FeedForward: 1024, Tied: false, Context: 4096) { Architecture = "phi3", FusedHeads = true },
        ["gemma2"] = new(Layers: 4, Width: 512, Heads: 4, KvHeads: 2, FeedForward: 2048, Context: 8192)
        {
            Architecture = "gemma2",
            HeadWidth = 128,
            Metadata = new() { ["attention.sliding_window"] = 256u },
        },
        ["gemma3"] = new(Layers: 6, Width: 512, Heads: 4, KvHeads: 1, FeedForward: 2048, Context: 8192)
        {
            Architecture = "gemma3",
            HeadWidth = 128,
            Metadata = new() { ["attention.sliding_window"] = 128u },
        },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task What_is_estimated_is_what_llama_cpp_takes(string name)
    {
        string path = RandomModel.Write(_folder["model.gguf"], All[name]);
        using var probe = new ProbeProcess();
        foreach (ProbeRequest request in Requests(path))
            Compare(name, request, await probe.RunAsync(request));
    }

    /// <summary>The shape of a 0.5 B model with a vocabulary of 150 k: its logits are what computing needs memory for.</summary>
    [Fact]
    public async Task The_estimate_holds_for_half_a_billion_weights()
    {
        string path = EmptyModel.Write(
            _folder["model.gguf"], new RandomModelShape(Layers: 24, Width: 896, Heads: 14, KvHeads: 2, FeedForward: 4864, Context: 32_768),
            vocabulary: 151_936);
        using var probe = new ProbeProcess();
        foreach (ProbeRequest request in Requests(path).Take(2))
            Compare("0.5 B", request, await probe.RunAsync(request));
    }

    [Fact]
    public void Layers_on_the_GPU_take_its_memory_and_not_the_processors()
    {
        GgufFile file = GgufFile.Open(RandomModel.Write(_folder["model.gguf"], All["llama"]));
        ModelShape shape = ModelShape.Of(file);
        MemoryEstimate none = MemoryEstimate.Of(file, shape, new() { CacheTokens = 1024 });
        MemoryEstimate two = MemoryEstimate.Of(file, shape, new() { CacheTokens = 1024 }, gpuLayers: 2);
        MemoryEstimate all = MemoryEstimate.Of(file, shape, new() { CacheTokens = 1024 }, gpuLayers: 4);

        Assert.Equal(0, none.Device);
        Assert.Equal(none.Cache.Host, two.Cache.Host + two.Cache.Device);
        Assert.Equal(none.Cache.Host / 3, two.Cache.Device); // the head is one of the two
        Assert.Equal(new Placed(0, none.Cache.Host), all.Cache);
        Assert.True(all.Weights.Host > 0 && all.Weights.Host + all.Weights.Device > none.Weights.Host, "the embedding stays, and the head has a copy of it");
    }

    private static IEnumerable<ProbeRequest> Requests(string path) =>
    [
        new(path) { CacheTokens = 2048, BatchSize = 512, MaxSequences = 4 },
        new(path) { CacheTokens = 4096, BatchSize = 128, MaxSequences = 2, KeyType = GgmlType.Q8_0, ValueType = GgmlType.Q4_0 },
        new(path) { CacheTokens = 2048, BatchSize = 256, MaxSequences = 8, FlashAttention = false },
        new(path) { CacheTokens = 1024, BatchSize = 512, MaxSequences = 1, KeyType = GgmlType.F32, ValueType = GgmlType.BF16 },
    ];

    private void Compare(string name, ProbeRequest request, ProbeReply reply)
    {
        Assert.Equal(("loaded", ""), (reply.Outcome, reply.Message));
        GgufFile file = ModelFile.Open(request.Path);
        MemoryEstimate estimate = MemoryEstimate.Of(file, ModelFile.Check(file), request.Context);
        output.WriteLine(
            $"{name}, {request.CacheTokens} tokens, batch {request.BatchSize}, {request.KeyType}/{request.ValueType}, flash attention "
            + $"{request.FlashAttention?.ToString() ?? "auto"} (estimated : taken, MiB)");
        long taken = 0;
        foreach (var (kind, bytes, tolerance) in new[]
        {
            ("model", estimate.Weights.Host, 0.02), ("KV", estimate.Cache.Host, 0), ("compute", estimate.Compute.Host, ComputeTolerance),
            ("output", estimate.Output, 0),
        })
        {
            output.WriteLine($"  {kind,-8}{bytes / 1048576.0,8:0.00} : {reply.Buffers[kind] / 1048576.0:0.00}");
            Assert.InRange(bytes, (reply.Buffers[kind] * (1 - tolerance)) - Slack, (reply.Buffers[kind] * (1 + tolerance)) + Slack);
            taken += reply.Buffers[kind];
        }

        Assert.InRange(estimate.Host, taken * (1 - TotalTolerance), taken * (1 + TotalTolerance));
    }

    public void Dispose() => _folder.Dispose();
}
