using FineTuneChat.Gguf;
using FineTuneChat.ModelProbe;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using Xunit.Abstractions;

namespace FineTuneChat.Native.Tests.Models;

/// <summary>
/// Damaged models, loaded for real: refused by managed code, or by llama.cpp, or loaded and used; never the end of the process.
/// FTC_SCALE=34 tries 10,000, FTC_SEED others.
/// </summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ModelFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Models = 300, Adapters = 100;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task A_damaged_model_never_ends_the_process_that_loads_it()
    {
        string[] sources = Sources();
        return TryAsync(Models, sources, damaged => new ProbeRequest(damaged));
    }

    [Fact]
    public Task A_damaged_adapter_never_ends_the_process_that_loads_it()
    {
        string model = RandomModel.Write(_folder["model.gguf"], new RandomModelShape(Layers: 1, Width: 32, FeedForward: 32));
        return TryAsync(Adapters, [Adapter()], damaged => new ProbeRequest(model) { Adapter = damaged });
    }

    private async Task TryAsync(int files, string[] sources, Func<string, ProbeRequest> load)
    {
        using var probe = new ProbeProcess();
        var outcomes = new Dictionary<string, int>();
        var findings = new List<string>();
        for (int i = 0; i < files * Scale.Factor; i++)
        {
            var random = new Random((Scale.Seed * 1_000_003) + i);
            (string what, byte[] bytes) = new GgufMutator(random).Mutate(sources[random.Next(sources.Length)]);
            File.WriteAllBytes(_folder["damaged.gguf"], bytes);
            ProbeReply reply = await probe.RunAsync(load(_folder["damaged.gguf"]));
            outcomes[reply.Outcome] = outcomes.GetValueOrDefault(reply.Outcome) + 1;
            if (reply.Outcome is "crashed" or "stuck")
                findings.Add($"{i}: {what}: {reply.Outcome}, {reply.Message}");
        }

        output.WriteLine(string.Join(", ", outcomes.Select(o => $"{o.Value} {o.Key}")));
        Assert.True(findings.Count == 0, string.Join("\n", findings));
        Assert.All(["refused", "loaded"], outcome => Assert.Contains(outcome, outcomes.Keys)); // else it would prove little
    }

    /// <summary>Small models of several kinds: architectures, tokenisers, weights in blocks.</summary>
    private string[] Sources()
    {
        NativeLibraries.Load();
        var small = new RandomModelShape(Layers: 2, Width: 32, Heads: 4, KvHeads: 2, FeedForward: 64, Context: 128);
        RandomModelShape[] shapes =
        [
            small,
            small with { Tied = false, Biases = true, FrequencyFactors = ["rope_freqs.weight"] },
            small with { Architecture = "qwen2", Biases = true },
            small with { Architecture = "qwen3", HeadWidth = 16 },
            small with
            {
                Architecture = "phi3",
                FusedHeads = true,
                Tied = false,
                FrequencyFactors = ["rope_factors_long.weight", "rope_factors_short.weight"],
                Metadata = new() { ["rope.scaling.attn_factor"] = 1.2f },
            },
            small with { Architecture = "gemma2", Metadata = new() { ["attention.sliding_window"] = 16u, ["attn_logit_softcapping"] = 8f } },
            small with { Architecture = "gemma3", Layers = 6, Metadata = new() { ["attention.sliding_window"] = 16u } },
        ];
        List<string> files = [.. shapes.Select((shape, i) => RandomModel.Write(_folder[$"source-{i}.gguf"], shape))];
        files.Add(SentencePiece(files[0]));
        string wide = RandomModel.Write(_folder["wide.gguf"], small with { Width = 256, Layers = 1, FeedForward = 256 });
        foreach (ModelFileType type in new[] { ModelFileType.Q4_K_M, ModelFileType.Q8_0 })
        {
            ModelQuantizer.Quantize(wide, _folder[$"{type}.gguf"], type, threads: 1);
            files.Add(_folder[$"{type}.gguf"]);
        }

        return [.. files];
    }

    private string Adapter()
    {
        var writer = new GgufWriter();
        (string, object)[] entries = [("general.type", "adapter"), ("general.architecture", "llama"), ("adapter.type", "lora"), ("adapter.lora.alpha", 4f)];
        foreach (var (key, value) in entries)
            writer.Metadata.Set(key, value);
        foreach (string name in new[] { "attn_q", "attn_output" })
        {
            writer.Add($"blk.0.{name}.weight.lora_a", [32, 4], new float[128]);
            writer.Add($"blk.0.{name}.weight.lora_b", [4, 32], new float[128]);
        }

        writer.Save(_folder["adapter.gguf"]);
        return _folder["adapter.gguf"];
    }

    private string SentencePiece(string source)
    {
        LooseGguf file = LooseGguf.Read(source);
        file.Entries.RemoveAll(e => e.Key.StartsWith("tokenizer.ggml.", StringComparison.Ordinal));
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), "\u2581"];
        Assert.Equal(RandomModel.VocabularySize, tokens.Length);
        file.Entries.AddRange(
        [
            ("tokenizer.ggml.model", "llama"),
            ("tokenizer.ggml.tokens", tokens),
            ("tokenizer.ggml.scores", new float[tokens.Length]),
            ("tokenizer.ggml.token_type", tokens.Select((_, i) => i switch { 0 => 2, 1 or 2 => 3, 259 => 1, _ => 6 }).ToArray()),
        ]);
        File.WriteAllBytes(_folder["sentencepiece.gguf"], file.ToBytes());
        return _folder["sentencepiece.gguf"];
    }

    public void Dispose() => _folder.Dispose();
}
