using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>Logits of the same tokens by the training graph and by llama_decode.</summary>
internal static class ModelComparison
{
    public static readonly int[] Tokens = [257, 10, 72, 101, 33, 200, 258, 5, 5, 99, 120, 257, 11, 64, 3, 7, 250, 90, 91, 13];

    public static float[] OfGraph(CpuBackend backend, MappedModel model, LoraAdapter? adapter = null, RopeOptions? rope = null)
    {
        DecoderShape shape = DecoderShape.FromGguf(model.File, rope);
        var decoder = new Decoder(shape, DecoderWeights.Frozen(model, adapter)) { GeluByTable = true };
        using var graph = new Graph(backend, 512 + (shape.Layers * 128));
        var inputs = new PackedInputs(graph, Tokens.Length);
        var tape = new Tape(graph);
        Tensor x = decoder.Embed(tape, inputs);
        for (int layer = 0; layer < shape.Layers; layer++)
            x = decoder.Block(tape, x, layer, inputs);
        Tensor logits = graph.Output(decoder.Head(tape, decoder.OutputNorm(tape, x)));
        graph.Allocate();
        Tokens.CopyTo(inputs.Tokens.AsSpan<int>());
        for (int i = 0; i < Tokens.Length; i++)
            inputs.Positions.AsSpan<int>()[i] = i;
        inputs.Starts.AsSpan<int>().Clear();
        graph.Compute();
        return logits.AsSpan<float>().ToArray();
    }

    public static float[] OfLlama(string path, string? adapterPath = null, RopeOptions? rope = null, int cacheTokens = 256)
    {
        using LlamaModel model = LlamaModel.Load(path, new ModelOptions { GpuLayers = 0, RepackWeights = false, Rope = rope ?? new RopeOptions() });
        using var context = new LlamaContext(model, new ContextOptions
        {
            CacheTokens = cacheTokens,
            Threads = 2,
            KeyType = GgmlType.F32,
            ValueType = GgmlType.F32,
            FlashAttention = false,
        });
        using LoadedAdapter? adapter = adapterPath == null ? null : new LoadedAdapter(model, adapterPath);
        context.SetAdapter(adapter);
        var batch = new LlamaBatch(Tokens.Length);
        for (int i = 0; i < Tokens.Length; i++)
            batch.Add(Tokens[i], i, 0, output: true);
        Assert.Equal(DecodeResult.Ok, context.Decode(batch));
        return [.. Enumerable.Range(0, Tokens.Length).SelectMany(i => context.LogitsOf(i).ToArray())];
    }

    /// <summary>‖a − b‖ / ‖b‖.</summary>
    public static double RelativeL2(float[] a, float[] b)
    {
        Assert.Equal(b.Length, a.Length);
        return Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Sum() / b.Sum(y => (double)y * y));
    }
}
