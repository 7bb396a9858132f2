using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Graphs;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Tests.Graphs;
using LoraAdapter = FineTuneChat.Training.Lora.LoraAdapter;

namespace FineTuneChat.Training.Tests.Export;

/// <summary>The training graph, the adapter file, the merged file and the quantised file are the same model, as far as each type's rounding allows.</summary>
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
        _backend = new CpuBackend(2);
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
            ModelQuantizer.Quantize(_base, path = _folder["typed.gguf"], type, threads: 2);
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
        Assert.True(ModelComparison.RelativeL2(trained, ModelComparison.OfLlama(_base)) > 0.01, "the adapter changes nothing: the comparison would prove nothing");
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
    [InlineData(ModelFileType.Q8_0, 3e-2)]
    public void An_exported_file_gives_the_trained_logits(ModelFileType type, double tolerance)
    {
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.05f);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        long bytes = ModelExport.Write(_base, _folder["adapter.gguf"], type, _folder["out.gguf"], "test", threads: 2);
        Assert.Equal(new FileInfo(_folder["out.gguf"]).Length, bytes);
        Assert.Equal("test", GgufFile.Open(_folder["out.gguf"]).Metadata.Text("general.name"));
        Assert.Equal(["adapter.gguf", "base.gguf", "out.gguf"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        Assert.InRange(
            ModelComparison.RelativeL2(ModelComparison.OfGraph(_backend, model, adapter), ModelComparison.OfLlama(_folder["out.gguf"])), 0, tolerance);
    }

    [Fact]
    public void An_adapter_for_another_model_is_refused()
    {
        using MappedModel model = MappedModel.Open(_base);
        using LoraAdapter adapter = TrainedAdapter.Create(model.File, rank: 8, spread: 0.05f);
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        string other = RandomModel.Write(_folder["other.gguf"], Shape with { Width = 128 });
        var e = Assert.Throws<GgufException>(() => ModelExport.Write(other, _folder["adapter.gguf"], ModelFileType.Q8_0, _folder["out.gguf"], null, 2));
        Assert.Contains("do not fit", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.gguf"]));
    }
}
