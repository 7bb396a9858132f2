using FineTuneChat.Chat.Encoding;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Tests.Evaluation;

/// <summary>Numbers that are not finite are found where they are, not where they come out.</summary>
public sealed class FiniteWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FiniteWeightsTests() => NativeLibraries.Load();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelFileType.F16)]
    [InlineData(ModelFileType.BF16)]
    [InlineData(ModelFileType.Q8_0)]
    public void They_are_found_in_every_type(ModelFileType type)
    {
        string sound = RandomModel.Write(_folder["model.gguf"]);
        ModelQuantizer.Quantize(sound, _folder["small.gguf"], type, threads: 1);
        using (MappedModel model = MappedModel.Open(_folder["small.gguf"]))
            Assert.Null(FiniteWeights.FaultOf(model));

        // All bits set are NaN in each of them: as a number of its own, or as the scale of a block.
        long offset = GgufFile.Open(_folder["small.gguf"]).Find("blk.1.ffn_up.weight")!.Offset;
        using (var file = new FileStream(_folder["small.gguf"], FileMode.Open, FileAccess.ReadWrite) { Position = offset })
            file.Write([0xff, 0xff]);
        using MappedModel spoilt = MappedModel.Open(_folder["small.gguf"]);
        Assert.Contains("'blk.1.ffn_up.weight'", FiniteWeights.FaultOf(spoilt), StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluation_names_the_tensor_of_the_model_or_of_the_adapter()
    {
        string path = RandomModel.Write(_folder["model.gguf"]), adapter = Adapter(path, float.NaN);
        using (LlamaModel model = LlamaModel.Load(path))
        using (var beside = new LoadedAdapter(model, adapter))
            Assert.StartsWith($"{adapter}: tensor 'blk.0.attn_q.weight.lora_b'", Refused(model, beside), StringComparison.Ordinal);
        using LlamaModel spoilt = LlamaModel.Load(RandomModel.Spoil(path, "output_norm.weight", float.PositiveInfinity));
        Assert.StartsWith($"{path}: tensor 'output_norm.weight'", Refused(spoilt, null), StringComparison.Ordinal);
    }

    [Fact]
    public void An_export_refuses_them_and_leaves_nothing_behind()
    {
        string path = RandomModel.Write(_folder["model.gguf"]), sound = Adapter(path, 1), spoilt = _folder["spoilt.gguf"];
        File.Copy(sound, spoilt);
        RandomModel.Spoil(spoilt, "blk.0.attn_q.weight.lora_b");
        Assert.StartsWith(spoilt, Export(spoilt), StringComparison.Ordinal);
        RandomModel.Spoil(path, "blk.1.attn_norm.weight");
        Assert.StartsWith(path, Export(sound), StringComparison.Ordinal);
        Assert.Equal([sound, path, spoilt], Directory.GetFiles(_folder.Path).Order());

        string Export(string adapter) => Assert.Throws<InvalidDataException>(() => new ModelExport(
            path, adapter, _folder["out.gguf"], new ExportOptions { Type = ModelFileType.F16 }).Write(CancellationToken.None)).Message;
    }

    private string Adapter(string model, float value)
    {
        using MappedModel mapped = MappedModel.Open(model);
        using LoraAdapter adapter = LoraAdapter.Create(mapped.File, rank: 2, alpha: 4, seed: 1, ["attn_q"]);
        adapter.Find("blk.0.attn_q.weight")!.B.Value.AsSpan<float>()[0] = value;
        LoraFile.Save(_folder["adapter.gguf"], adapter, "test");
        return _folder["adapter.gguf"];
    }

    private static string Refused(LlamaModel model, LoadedAdapter? adapter) => Assert.Throws<InvalidDataException>(() => ModelEvaluation.Run(
        model, adapter, [new TrainingExample([.. Enumerable.Range(1, 8)], [.. Enumerable.Repeat(true, 8)])], 1, CancellationToken.None)).Message;
}
