using FineTuneChat.Chat.Encoding;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Runs;
using FineTuneChat.Training.Tests.Graphs;

namespace FineTuneChat.Training.Tests.Export;

/// <summary>The training graph, the adapter file, the merged file and the quantised file are the same model, as far as each type's rounding allows.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class ExportTests : IDisposable
{
    // Widths that are multiples of 256, so that K-quants apply.
    private static readonly RandomModelShape Shape = new(Layers: 2, Width: 256, Heads: 4, KvHeads: 2, FeedForward: 512);

    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend;
    private readonly string _base;

    public ExportTests()
    {
        NativeLibraries.Load();
        _backend = new CpuBackend(1);
        _base = RandomModel.Write(_folder["base.gguf"], Shape);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    // The graph keeps activations in F32, llama.cpp rounds them to the type it multiplies with: the difference is that rounding.
    [Theory]
    [InlineData(ModelFileType.F32, 1e-4)]
    [InlineData(ModelFileType.F16, 2e-3)]
    [InlineData(ModelFileType.BF16, 2e-2)]
    [InlineData(ModelFileType.Q8_0, 3e-2)]
    [InlineData(ModelFileType.Q6_K, 4e-2)]
    [InlineData(ModelFileType.Q5_K_M, 4e-2)]
    [InlineData(ModelFileType.Q4_K_M, 4e-2)]
    public void Logits_of_the_training_graph_are_those_of_llama_decode(ModelFileType type, double tolerance)
    {
        string path = _base;
        if (type != ModelFileType.F32)
            ModelQuantizer.Quantize(_base, path = _folder["typed.gguf"], type, threads: 1);
        using MappedModel model = MappedModel.Open(path);
        Assert.InRange(ModelComparison.RelativeL2(ModelComparison.OfGraph(_backend, model), ModelComparison.OfLlama(path)), 0, tolerance);
    }

    [Fact]
    public void An_adapter_file_gives_llama_cpp_the_trained_logits()
    {
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.05f);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        float[] trained = ModelComparison.OfGraph(_backend, model, adapter);
        Assert.InRange(ModelComparison.RelativeL2(trained, ModelComparison.OfLlama(_base, _folder["adapter.gguf"])), 0, 1e-4);
        Assert.True(
            ModelComparison.RelativeL2(trained, ModelComparison.OfLlama(_base)) > 0.01, "the adapter changes nothing: the comparison would prove nothing");
    }

    [Fact]
    public void A_saved_adapter_is_read_back_as_it_was()
    {
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.05f);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        using LoraAdapter read = LoraFile.Load(_folder["adapter.gguf"], model.File);
        Assert.Equal((adapter.Rank, adapter.Alpha), (read.Rank, read.Alpha));
        foreach (Parameter parameter in adapter.Parameters.All)
            Assert.Equal(parameter.Value.AsSpan<float>().ToArray(), read.Parameters.Find(parameter.Name)!.Value.AsSpan<float>().ToArray());
    }

    [Theory]
    [InlineData(ModelFileType.F16, 2e-3)]
    [InlineData(ModelFileType.BF16, 2e-2)]
    [InlineData(ModelFileType.Q8_0, 3e-2)]
    [InlineData(ModelFileType.Q6_K, 9e-2)]
    [InlineData(ModelFileType.Q5_K_M, 1.2e-1)]
    [InlineData(ModelFileType.Q4_K_M, 2.4e-1)]
    public void An_exported_file_of_every_type_loads_in_llama_cpp_and_gives_the_trained_logits(ModelFileType type, double tolerance)
    {
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = Saved(model.File);
        ExportReport report = Export(_base, new ExportOptions { Type = type, Name = "test" });
        Assert.Equal((type, new FileInfo(_folder["out.gguf"]).Length, null), (report.Type, report.Bytes, report.Reason));
        Assert.Equal(["adapter.gguf", "base.gguf", "out.gguf"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        Assert.InRange(
            ModelComparison.RelativeL2(ModelComparison.OfGraph(_backend, model, adapter), ModelComparison.OfLlama(_folder["out.gguf"])), 0, tolerance);
    }

    [Fact]
    public void A_file_says_what_it_is_and_what_it_comes_from()
    {
        string described = _folder["described.gguf"];
        using (MappedModel model = MappedModel.Open(_base))
        using (LoraAdapter nothing = LoraAdapter.Create(model.File, 4, 8, 1, LoraAdapter.AllLinears))
            ModelMerge.Write(model, nothing, described, new Dictionary<string, object?>
            {
                ["general.license"] = "apache-2.0",
                ["general.organization"] = "Someone",
                ["general.version"] = "1.5",
                ["general.base_model.count"] = 1u,
                ["general.base_model.0.name"] = "grandparent",
                ["general.base_model.0.url"] = "https://example.org",
            }, _backend);
        using LoraAdapter adapter = Saved(GgufFile.Open(described));
        Export(described, new ExportOptions { Type = ModelFileType.Q8_0, Name = "assistant", Version = "3" });
        GgufMetadata metadata = GgufFile.Open(_folder["out.gguf"]).Metadata;
        Assert.Equal(("assistant", "3", "apache-2.0", RandomModel.ChatMl),
            (metadata.Text("general.name"), metadata.Text("general.version"), metadata.Text("general.license"), metadata.Text("tokenizer.chat_template")));
        Assert.Equal((1, "random", "1.5", "Someone", null),
            (metadata.Integer("general.base_model.count"), metadata.Text("general.base_model.0.name"), metadata.Text("general.base_model.0.version"),
                metadata.Text("general.base_model.0.organization"), metadata.Text("general.base_model.0.url")));
    }

    [Theory]
    [InlineData(ModelFileType.Q8_0, ModelFileType.Q4_K_M, ModelFileType.Q4_K_M)]
    [InlineData(ModelFileType.Q4_K_M, ModelFileType.Q4_K_M, ModelFileType.Q8_0)]
    [InlineData(ModelFileType.Q4_K_M, ModelFileType.BF16, ModelFileType.BF16)]
    public void A_base_of_few_bits_is_exported_in_eight_where_fewer_were_asked_for(ModelFileType baseType, ModelFileType asked, ModelFileType given)
    {
        ModelQuantizer.Quantize(_base, _folder["typed.gguf"], baseType, threads: 1);
        using MappedModel model = MappedModel.Open(_folder["typed.gguf"]);
        using LoraAdapter adapter = Saved(model.File);
        ExportReport report = Export(_folder["typed.gguf"], new ExportOptions { Type = asked });
        Assert.Equal(given, report.Type);
        Assert.Equal(given != asked, report.Reason?.Contains("rounded away", StringComparison.Ordinal) == true);
        Assert.InRange(ModelComparison.RelativeL2(ModelComparison.OfGraph(_backend, model, adapter), ModelComparison.OfLlama(_folder["out.gguf"])), 0, 0.25);
    }

    /// <summary>The adapter's change is far below what four bits of this base can hold: its file must not be four bits.</summary>
    [Fact]
    public void A_type_that_loses_what_was_learned_gives_way_to_the_next_one()
    {
        using MappedModel model = MappedModel.Open(_base);
        TrainingExample[] examples = Examples();
        Directory.CreateDirectory(_folder["run"]);
        var run = new FineTuneRun(
            model, examples, [], new FineTuneOptions { Epochs = 3, LearningRate = 1e-3f, SequenceLength = 64 }, _folder["run"], TimeProvider.System);
        File.Copy(run.Run(1, resume: false, _ => { }, CancellationToken.None).Adapter, _folder["adapter.gguf"]);

        ExportReport report = Export(_base, new ExportOptions { Type = ModelFileType.Q4_K_M, HeldOut = examples });
        Assert.Equal(ModelFileType.Q4_K_M, report.Fidelity!.Tried[0].Type);
        Assert.True(
            report.Fidelity.Tried[0].Kept < Fidelity.Required && report.Type != ModelFileType.Q4_K_M, $"Q4_K_M kept {report.Fidelity.Tried[0].Kept:P0}");
        Assert.True(report.Fidelity.Tried[^1].Kept >= Fidelity.Required, $"{report.Type} kept {report.Fidelity.Tried[^1].Kept:P0}");
        Assert.Contains("Q4_K_M keeps", report.Reason, StringComparison.Ordinal);
        Assert.Equal((int)report.Type, GgufFile.Open(_folder["out.gguf"]).Metadata.Integer("general.file_type"));
    }

    /// <summary>Where inputs of a matrix differ in size, rounding by importance costs less on the data it was measured on.</summary>
    [Fact]
    public void Importance_is_the_mean_square_of_what_goes_into_a_matrix_and_makes_four_bits_better()
    {
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = Saved(model.File);
        TrainingExample[] examples = Examples();
        IReadOnlyDictionary<string, float[]> importance = ImportanceMatrix.Compute(
            model, adapter, examples, new RopeOptions(), _backend, CancellationToken.None);
        Assert.Equal(model.File.Tensors.Where(t => t.Shape.Count == 2).Select(t => t.Name).Order(), importance.Keys.Order());

        // The first layer's queries see normed embeddings: by hand.
        float[] weight = model["blk.0.attn_norm.weight"].AsSpan<float>().ToArray(), expected = new float[Shape.Width];
        int[] tokens = [.. examples.SelectMany(e => e.Tokens)];
        foreach (int token in tokens)
        {
            float[] x = model["token_embd.weight"].AsSpan<float>().Slice(token * Shape.Width, Shape.Width).ToArray();
            double norm = Math.Sqrt(x.Average(v => (double)v * v) + 1e-5);
            for (int i = 0; i < x.Length; i++)
                expected[i] += (float)(Math.Pow(x[i] / norm * weight[i], 2) / tokens.Length);
        }

        Assert.Equal(0, ModelComparison.RelativeL2(importance["blk.0.attn_q.weight"], expected), 1e-4);

        double plain = Distance(new ExportOptions { Type = ModelFileType.Q4_K_M });
        double weighted = Distance(new ExportOptions { Type = ModelFileType.Q4_K_M, Learned = examples });
        Assert.NotEqual(plain, weighted);
        Assert.True(weighted < 1.05 * plain, $"{plain} without importances, {weighted} with them");

        double Distance(ExportOptions options)
        {
            Export(_base, options);
            return ModelComparison.RelativeL2(ModelComparison.OfGraph(_backend, model, adapter), ModelComparison.OfLlama(_folder["out.gguf"]));
        }
    }

    [Fact]
    public void An_adapter_for_another_model_is_refused()
    {
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = Saved(model.File);
        string other = RandomModel.Write(_folder["other.gguf"], Shape with { Width = 128 });
        var e = Assert.Throws<GgufException>(() => Export(other, new ExportOptions { Type = ModelFileType.Q8_0 }));
        Assert.Contains("do not fit", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.gguf"]));
    }

    [Fact]
    public void What_a_killed_export_left_is_removed_by_the_next_one_and_what_a_running_one_needs_is_not()
    {
        string left = Scratch("killed"), needed = Scratch("running");
        using var held = new FileStream(Path.Combine(needed, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = Saved(model.File);
        Export(_base, new ExportOptions { Type = ModelFileType.F16 });
        Assert.False(Directory.Exists(left));
        Assert.Equal([needed], Directory.GetDirectories(_folder.Path));

        string Scratch(string name)
        {
            string folder = Directory.CreateDirectory(_folder[name + ".gguf.export.partial"]).FullName;
            File.WriteAllText(Path.Combine(folder, "lock"), "");
            File.WriteAllText(Path.Combine(folder, "merged.gguf"), "large");
            return folder;
        }
    }

    private LoraAdapter Saved(GgufFile model)
    {
        LoraAdapter adapter = TrainedAdapter.Create(model, rank: 8, spread: 0.05f);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        return adapter;
    }

    private ExportReport Export(string model, ExportOptions options) =>
        new ModelExport(model, _folder["adapter.gguf"], _folder["out.gguf"], options with { Threads = 1 }).Write(CancellationToken.None);

    private static TrainingExample[] Examples()
    {
        var random = new Random(9);
        return [.. Enumerable.Range(0, 12).Select(_ =>
        {
            int[] ids = [.. Enumerable.Range(0, 20).Select(_ => random.Next(256)), RandomModel.TurnEnd];
            return new TrainingExample(ids, [.. ids.Select((_, i) => i >= 10)]);
        })];
    }
}
