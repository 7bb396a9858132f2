using System.Numerics.Tensors;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Llama;

/// <summary>Options of a context and of adapters do what they say to the logits, or are refused before native code sees them.</summary>
public sealed class ContextOptionsTests : IDisposable
{
    private static readonly int[] Prompt = [.. "Once upon a time there was a king"u8.ToArray().Select(b => (int)b)];

    private readonly TemporaryFolder _folder = new();
    private readonly LlamaModel _model;

    public ContextOptionsTests()
    {
        NativeLibraries.Load();
        _model = LlamaModel.Load(
            RandomModel.Write(_folder["model.gguf"], new RandomModelShape(Width: 128, Heads: 4, KvHeads: 2, FeedForward: 256)),
            new() { RepackWeights = false });
    }

    [Fact]
    public void Keys_and_values_in_every_type_predict_nearly_the_same()
    {
        float[] exact = Logits(new() { KeyType = GgmlType.F32, ValueType = GgmlType.F32, FlashAttention = false });
        foreach (GgmlType type in ContextOptions.CacheTypes)
        {
            double bits = 8.0 * GgmlTypes.BlockBytes(type) / GgmlTypes.BlockSize(type);
            foreach (bool isFused in GgmlTypes.BlockSize(type) > 1 ? new[] { true } : [true, false])
                Assert.InRange(Difference(exact, Logits(new() { KeyType = type, ValueType = type, FlashAttention = isFused })), 0, bits < 8 ? 0.3 : 0.08);
        }
    }

    [Fact]
    public void Rope_options_change_what_the_model_predicts_and_those_of_the_file_do_not()
    {
        float[] plain = Logits(new());

        Assert.Equal(plain, Rotated(new() { Scaling = RopeScaling.None }));
        Assert.Equal(plain, Rotated(new() { FrequencyBase = 10_000, Factor = 1 }));
        RopeOptions[] ropes =
        [
            new() { Scaling = RopeScaling.Linear, Factor = 4 }, new() { Scaling = RopeScaling.Yarn, Factor = 4, OriginalContext = 64 },
            new() { FrequencyBase = 500 },
        ];
        foreach (RopeOptions rope in ropes)
            Assert.InRange(Difference(plain, Rotated(rope)), 1e-3, 2);

        float[] Rotated(RopeOptions rope)
        {
            using LlamaModel model = LlamaModel.Load(_model.Path, new() { RepackWeights = false, Rope = rope });
            return LogitsOf(model, new());
        }
    }

    [Fact]
    public void What_cannot_be_is_refused_before_native_code_sees_it()
    {
        foreach (ContextOptions options in new ContextOptions[]
        {
            new() { CacheTokens = -1 }, new() { BatchSize = 0 }, new() { MicroBatchSize = -5 }, new() { MaxSequences = 300 }, new() { Threads = 0 },
            new() { Threads = 100_000 },
            new() { KeyType = GgmlType.Q4_K }, new() { ValueType = GgmlType.I32 }, new() { ValueType = GgmlType.Q8_0, FlashAttention = false },
        })
            Assert.Throws<LlamaException>(() => new LlamaContext(_model, options));
        RopeOptions[] impossible = [new() { Factor = float.NaN }, new() { FrequencyBase = 0 }, new() { OriginalContext = -1 }, new() { ServedContext = -1 }];
        foreach (RopeOptions rope in impossible)
            Assert.Throws<LlamaException>(() => LlamaModel.Load(_model.Path, new() { Rope = rope }));
    }

    [Fact]
    public void Adapters_work_as_strongly_as_they_are_told()
    {
        using var one = new LoadedAdapter(_model, WriteAdapter("one.gguf", seed: 1));
        using var two = new LoadedAdapter(_model, WriteAdapter("two.gguf", seed: 2));
        float[] alone = Logits(new());
        float[] full = Logits(new(), new ScaledAdapter(one));

        Assert.InRange(Difference(alone, full), 1e-3, 2);
        Assert.InRange(Difference(alone, Logits(new(), new ScaledAdapter(one, 0))), 0, 1e-6);
        Assert.InRange(Difference(full, Logits(new(), new(one, 1), new(two, 0))), 0, 1e-6);
        Assert.InRange(Difference(full, Logits(new(), new(one), new(two))), 1e-3, 2);
    }

    [Fact]
    public void A_damaged_adapter_is_refused()
    {
        File.WriteAllText(_folder["text.gguf"], "no adapter");

        Assert.Throws<GgufException>(() => new LoadedAdapter(_model, _folder["text.gguf"]));
        Assert.Throws<GgufException>(() => new LoadedAdapter(_model, _model.Path));
        Assert.Throws<GgufException>(() => new LoadedAdapter(_model, WriteAdapter("half.gguf", seed: 1, isWhole: false)));
        Assert.Throws<LlamaException>(() => new LoadedAdapter(_model, WriteAdapter("other.gguf", seed: 1, columns: 64)));
    }

    private float[] Logits(ContextOptions options, params ScaledAdapter[] adapters) => LogitsOf(_model, options, adapters);

    private static float[] LogitsOf(LlamaModel model, ContextOptions options, params ScaledAdapter[] adapters)
    {
        using var context = new LlamaContext(model, options with { CacheTokens = 256 });
        context.SetAdapters(adapters);
        var batch = new LlamaBatch(Prompt.Length);
        for (int i = 0; i < Prompt.Length; i++)
            batch.Add(Prompt[i], i, 0, output: i == Prompt.Length - 1);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        return context.LogitsOf(Prompt.Length - 1).ToArray();
    }

    private string WriteAdapter(string name, int seed, bool isWhole = true, int columns = 128)
    {
        const int Rank = 4;
        var random = new Random(seed);
        var writer = new GgufWriter();
        writer.Metadata.Set("general.type", "adapter");
        writer.Metadata.Set("general.architecture", "llama");
        writer.Metadata.Set("adapter.type", "lora");
        writer.Metadata.Set("adapter.lora.alpha", (float)Rank);
        writer.Add("blk.0.attn_q.weight.lora_a", [columns, Rank], Numbers(columns * Rank));
        if (isWhole)
            writer.Add("blk.0.attn_q.weight.lora_b", [Rank, 128], Numbers(128 * Rank));
        writer.Save(_folder[name]);
        return _folder[name];

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 0.3f)];
    }

    private static double Difference(float[] expected, float[] actual) =>
        TensorPrimitives.Distance<float>(expected, actual) / TensorPrimitives.Norm<float>(expected);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }
}
