using FineTuneChat.Engine.Loading;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Engine.Loading;

/// <summary>What is chosen from a model and a machine, and what is refused before anything is loaded.</summary>
public sealed class LoadPlannerTests : IDisposable
{
    private const long Gigabyte = 1L << 30, Megabyte = 1L << 20;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_is_not_said_is_chosen_from_the_model_and_the_machine()
    {
        LoadPlan plan = Plan(new EngineSettings(), Gigabyte);

        Assert.Equal((4096, 16_384), (plan.ContextLength, plan.Context.CacheTokens)); // as trained; room for all four
        Assert.Equal((GgmlType.F16, GgmlType.F16, null), (plan.Context.KeyType, plan.Context.ValueType, plan.Context.FlashAttention));
        Assert.Equal((ComputeThreads.Default, 0, null), (plan.Context.Threads, plan.Model.GpuLayers, plan.Model.MemoryMap));
        Assert.Equal(new RopeOptions(), plan.Model.Rope); // as trained, however little memory there is: trainer and engine take the same of two ropes
    }

    [Fact]
    public void What_is_said_is_done()
    {
        LoadPlan plan = Plan(new EngineSettings
        {
            ContextLength = 1000,
            Parallel = 2,
            Threads = 3,
            BatchSize = 128,
            MicroBatchSize = 64,
            FlashAttention = "on",
            CacheTypeKeys = "q8_0",
            CacheTypeValues = "q4_0",
            MemoryMap = "off",
            MemoryLock = true,
            RopeScaling = "yarn",
            RopeFactor = 2,
            RopeFrequencyBase = 5000,
            RopeOriginalContext = 2048,
        }, Gigabyte);

        Assert.Equal((1000, 2048, 3, 128, 64),
            (plan.ContextLength, plan.Context.CacheTokens, plan.Context.Threads, plan.Context.BatchSize, plan.Context.MicroBatchSize));
        Assert.Equal((GgmlType.Q8_0, GgmlType.Q4_0, true), (plan.Context.KeyType, plan.Context.ValueType, plan.Context.FlashAttention));
        Assert.Equal((false, true), (plan.Model.MemoryMap, plan.Model.LockMemory));
        Assert.Equal(new RopeOptions { Scaling = RopeScaling.Yarn, Factor = 2, FrequencyBase = 5000, OriginalContext = 2048, ServedContext = 1000 },
            plan.Model.Rope);
    }

    [Theory]
    [InlineData(0, "f16", "f16", "auto")]
    [InlineData(2048, "q8_0", "q8_0", "on")]
    [InlineData(512, "f32", "bf16", "off")]
    public void The_model_manager_foretells_what_the_plan_takes(int context, string keys, string values, string flash)
    {
        GgufFile file = ModelFile.Open(RandomModel.Write(_folder["foretold.gguf"], new RandomModelShape(Context: 4096, Heads: 2, KvHeads: 1)));
        var options = new LoadOptions { ContextLength = context, CacheTypeKeys = keys, CacheTypeValues = values, FlashAttention = flash };
        EngineSettings settings = options.Over(new EngineSettings());

        LoadPlan plan = new LoadPlanner(file, ModelShape.Of(file), settings, new Machine(Gigabyte, [])).Choose();
        MemoryNeed foretold = MemoryNeed.Of(file, settings, Gigabyte);

        Assert.Equal((plan.ContextLength, plan.Memory.Host), (foretold.ContextLength, foretold.Bytes));
        Assert.Equal(plan.Memory.Cache.Host, foretold.Cache);
        Assert.Equal(foretold.Bytes, foretold.Weights + foretold.Cache + foretold.Compute);
    }

    [Fact]
    public void A_long_context_is_chosen_shorter_where_its_cache_would_take_too_much()
    {
        RandomModelShape shape = new(Layers: 4, Width: 128, Heads: 2, KvHeads: 2, FeedForward: 64, Context: 1 << 20); // 2 KiB a token, 2 GiB in all

        Assert.Equal(1 << 18, Plan(new EngineSettings(), 2 * Gigabyte, shape).ContextLength);
        Assert.Equal(1 << 20, Plan(new EngineSettings(), 64 * Gigabyte, shape).ContextLength);
        Assert.Equal(1 << 20, Plan(new EngineSettings { ContextLength = 1 << 20 }, 4 * Gigabyte, shape).ContextLength);
    }

    [Fact]
    public void A_load_that_cannot_fit_is_refused_with_the_figures_and_what_would_help()
    {
        RandomModelShape shape = new(Layers: 4, Width: 128, Heads: 2, KvHeads: 2, FeedForward: 64, Context: 1 << 20);
        var settings = new EngineSettings { ContextLength = 1 << 20, MicroBatchSize = 16 };

        string message = Refusal(settings, 1200 * Megabyte, shape);

        Assert.Contains("needs about 2 GiB", message, StringComparison.Ordinal);
        Assert.Contains("cache for 1048576 tokens 2 GiB", message, StringComparison.Ordinal);
        Assert.Contains("1.2 GiB are available", message, StringComparison.Ordinal);
        Assert.Contains("--ctx 1048576 --cache-type-k q8_0", message, StringComparison.Ordinal);
        Assert.Contains("shorter context: --ctx 524288",
            Refusal(new EngineSettings { ContextLength = 1 << 20, MicroBatchSize = 16, FlashAttention = "off" }, 1700 * Megabyte, shape),
            StringComparison.Ordinal);
        Assert.Contains("--micro-batch 64",
            Refusal(new EngineSettings { ContextLength = 1 << 19, MicroBatchSize = 4096, BatchSize = 4096 }, 1200 * Megabyte, shape), StringComparison.Ordinal);
        Assert.Contains("choose a smaller file", Refusal(settings, Megabyte, shape), StringComparison.Ordinal);
        Assert.Equal(1 << 20, Plan(new EngineSettings { ContextLength = 1 << 20, MemoryCheck = false }, Megabyte, shape).ContextLength);
    }

    [Fact]
    public void Settings_that_contradict_the_model_or_each_other_are_refused()
    {
        Assert.Contains("at most 4096", Refusal(new EngineSettings { ContextLength = 5000 }, Gigabyte), StringComparison.Ordinal);
        Assert.Contains("cannot be divided by", Refusal(new EngineSettings { RopeFactor = 1e-6 }, Gigabyte), StringComparison.Ordinal);
        Assert.Contains("without flash attention", Refusal(new EngineSettings { FlashAttention = "off", CacheTypeValues = "q8_0" }, Gigabyte),
            StringComparison.Ordinal);
        Assert.Contains("no multiple of its blocks of 32", Refusal(new EngineSettings { CacheTypeKeys = "q8_0" }, Gigabyte, new RandomModelShape()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Rope_scaling_makes_a_longer_context_possible()
    {
        Assert.Equal(8192, Plan(new EngineSettings { ContextLength = 8192, RopeScaling = "linear", RopeFactor = 2 }, Gigabyte).ContextLength);
        Assert.Contains("at most 8192", Refusal(new EngineSettings { ContextLength = 8193, RopeScaling = "linear", RopeFactor = 2 }, Gigabyte),
            StringComparison.Ordinal);
        Assert.Equal(100_000, Plan(new EngineSettings { ContextLength = 100_000, RopeFrequencyBase = 1e6 }, Gigabyte).ContextLength);
    }

    [Fact]
    public void As_many_layers_go_to_the_GPU_as_its_memory_holds()
    {
        var settings = new EngineSettings { ContextLength = 256, Parallel = 1 };

        Assert.Equal(5, Plan(settings, Gigabyte, Usual, gpu: Gigabyte).Model.GpuLayers); // four and the head
        Assert.InRange(Plan(settings, Gigabyte, Usual, gpu: 5 * Megabyte).Model.GpuLayers!.Value, 1, 4);
        Assert.Equal(0, Plan(settings, Gigabyte, Usual, gpu: 1).Model.GpuLayers);
        Assert.Equal(2, Plan(new EngineSettings { ContextLength = 256, GpuLayers = 2 }, Gigabyte, Usual, gpu: Gigabyte).Model.GpuLayers);
        Assert.Contains("--gpu-layers 2 takes",
            Assert.Throws<UserException>(() => Plan(new EngineSettings { GpuLayers = 2 }, Gigabyte, Usual, gpu: 1)).Message, StringComparison.Ordinal);
    }

    private static RandomModelShape Usual { get; } = new(Layers: 4, Width: 128, Heads: 2, KvHeads: 1, FeedForward: 512, Context: 4096);

    private string Refusal(EngineSettings settings, long available, RandomModelShape? shape = null) =>
        Assert.Throws<UserException>(() => Plan(settings, available, shape)).Message;

    private LoadPlan Plan(EngineSettings settings, long available, RandomModelShape? shape = null, long gpu = 0)
    {
        GgufFile file = GgufFile.Open(RandomModel.Write(_folder["model.gguf"], shape ?? Usual));
        return new LoadPlanner(file, ModelFile.Check(file), settings,
            new Machine(available, gpu > 0 ? [new ComputeDevice("a GPU", gpu, SharesMemory: false)] : [])).Choose();
    }

    public void Dispose() => _folder.Dispose();
}
