using System.Numerics.Tensors;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Native.Tests.Llama;

public sealed class ContextTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private static readonly int[] Prompt = [.. "Once upon a time there was"u8.ToArray().Select(b => (int)b)];

    [Fact]
    public void Sequences_in_one_batch_do_not_see_each_other()
    {
        using LlamaContext context = tiny.Context();
        int[][] prompts = [Prompt, [.. Prompt.Reverse()], [.. Prompt.Take(5)]];
        float[][] alone = [.. prompts.Select(p => LogitsAfter(context, p))];

        var batch = new LlamaBatch(512);
        var rows = new List<int>();
        for (int s = 0; s < prompts.Length; s++)
        {
            for (int i = 0; i < prompts[s].Length; i++)
                batch.Add(prompts[s][i], i, s, output: i == prompts[s].Length - 1);
            rows.Add(batch.Count - 1);
        }

        Assert.Equal(DecodeResult.Ok, context.Decode(batch));

        for (int s = 0; s < prompts.Length; s++)
            Assert.InRange(TensorPrimitives.Distance(alone[s], context.LogitsOf(rows[s])) / TensorPrimitives.Norm<float>(alone[s]), 0, 1e-3);
    }

    [Fact]
    public void A_shared_prefix_gives_the_same_continuation_as_computing_it()
    {
        using LlamaContext context = tiny.Context();
        int[] expected = tiny.Greedy(context, 0, Prompt, 10);
        context.Clear();
        _ = tiny.Greedy(context, 0, Prompt, 1);

        context.Share(source: 0, target: 1, Prompt.Length - 1);
        context.Forget(0);
        var batch = new LlamaBatch(1);
        batch.Add(Prompt[^1], Prompt.Length - 1, 1, output: true);

        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        Assert.Equal(expected[0], TensorPrimitives.IndexOfMax(context.LogitsOf(0)));
    }

    [Fact]
    public void Threads_change_the_time_not_the_result()
    {
        using LlamaContext context = tiny.Context();
        float[] expected = LogitsAfter(context, Prompt);

        foreach (int threads in (int[])[2, 1, 3, 2])
        {
            context.SetThreads(threads);
            Assert.InRange(TensorPrimitives.Distance(expected, LogitsAfter(context, Prompt)) / TensorPrimitives.Norm<float>(expected), 0, 1e-3);
        }
    }

    [Fact]
    public void A_full_cache_is_a_result_and_forgetting_makes_room()
    {
        using LlamaContext context = tiny.Context(cacheTokens: 256);
        var batch = new LlamaBatch(256);
        for (int i = 0; i < 256; i++)
            batch.Add('a', i, 0, output: false);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));

        batch.Clear();
        batch.Add('a', 0, 1, output: true);
        Assert.Equal(DecodeResult.NoRoom, context.Decode(batch));
        Assert.True(context.Forget(0, from: 200));
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
    }

    [Fact]
    public void Logits_that_were_not_asked_for_are_an_exception()
    {
        using LlamaContext context = tiny.Context();
        var batch = new LlamaBatch(2);
        batch.Add('a', 0, 0, output: false);
        batch.Add('b', 1, 0, output: true);
        context.Decode(batch);

        Assert.Throws<ArgumentException>(() => context.LogitsOf(0).Length);
        Assert.Equal(tiny.Vocabulary.Count, context.LogitsOf(1).Length);
        Assert.Throws<InvalidOperationException>(() => batch.Add('c', 2, 0, true));
    }

    [Fact]
    public void A_context_outlives_the_disposal_of_its_model()
    {
        LlamaModel model = LlamaModel.Load(tiny.Model.Path);
        using var context = new LlamaContext(model, new() { CacheTokens = 256 });
        model.Dispose();

        var batch = new LlamaBatch(1);
        batch.Add('a', 0, 0, output: true);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
    }

    [Fact]
    public void Threads_can_change_between_batches()
    {
        using LlamaContext context = tiny.Context();
        int[] one = tiny.Greedy(context, 0, Prompt, 5);
        context.SetThreads(2);
        context.Clear();

        Assert.Equal(one, tiny.Greedy(context, 0, Prompt, 5));
    }

    [Fact]
    public void A_quantised_file_loads_and_predicts_nearly_the_same()
    {
        string target = tiny.Folder["q8.gguf"];
        ModelQuantizer.Quantize(tiny.Model.Path, target, ModelFileType.Q8_0, threads: 2);
        using var model = LlamaModel.Load(target);
        using var context = new LlamaContext(model, new() { CacheTokens = 256 });
        using LlamaContext original = tiny.Context();

        Assert.True(new FileInfo(target).Length < new FileInfo(tiny.Model.Path).Length);
        float[] expected = LogitsAfter(original, Prompt);
        Assert.InRange(TensorPrimitives.Distance(expected, LogitsAfter(context, Prompt)) / TensorPrimitives.Norm<float>(expected), 1e-6, 0.1);
        Assert.Throws<LlamaException>(() => ModelQuantizer.Quantize(tiny.Model.Path, "/no/such/folder/x.gguf", ModelFileType.Q8_0, 1));
    }

    private static float[] LogitsAfter(LlamaContext context, int[] prompt)
    {
        context.Clear();
        var batch = new LlamaBatch(prompt.Length);
        for (int i = 0; i < prompt.Length; i++)
            batch.Add(prompt[i], i, 0, output: i == prompt.Length - 1);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        float[] logits = context.LogitsOf(prompt.Length - 1).ToArray();
        context.Clear();
        return logits;
    }
}
