using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Llama;

/// <summary>One random model for the tests of a class.</summary>
public sealed class TinyModel : IDisposable
{
    public TinyModel()
    {
        NativeLibraries.Load();
        Model = LlamaModel.Load(RandomModel.Write(Folder["tiny.gguf"]));
    }

    public TemporaryFolder Folder { get; } = new();

    public LlamaModel Model { get; }

    public Vocabulary Vocabulary => Model.Vocabulary;

    public LlamaContext Context(int cacheTokens = 512, int sequences = 4, int batch = 512) =>
        new(Model, new() { CacheTokens = cacheTokens, MaxSequences = sequences, BatchSize = batch });

    /// <summary>Greedy tokens by the plainest loop there is.</summary>
    public int[] Greedy(LlamaContext context, int sequence, IReadOnlyList<int> prompt, int count)
    {
        using var sampler = new SamplerChain(Model).AddGreedy();
        var batch = new LlamaBatch(context.BatchSize);
        var tokens = new List<int>(prompt);
        for (int done = 0; tokens.Count < prompt.Count + count;)
        {
            batch.Clear();
            for (; done < tokens.Count; done++)
                batch.Add(tokens[done], done, sequence, output: done == tokens.Count - 1);
            Assert.Equal(DecodeResult.Ok, context.Decode(batch));
            tokens.Add(sampler.Sample(context, batch.Count - 1));
        }

        return [.. tokens.Skip(prompt.Count)];
    }

    public void Dispose()
    {
        Model.Dispose();
        Folder.Dispose();
    }
}
