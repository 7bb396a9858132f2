using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Export;
using FineTuneChat.Training.Tests.Graphs;

namespace FineTuneChat.Training.Tests.Conversion;

/// <summary>A model written as a Hugging Face folder comes back as it was: the same tensors, the same entries, and llama.cpp's same logits.</summary>
[Trait(Tier.Name, Tier.Slow)]
public sealed class RoundTripTests : IDisposable
{
    private static readonly string[] LongFactors = ["rope_factors_long.weight", "rope_factors_short.weight"];

    private readonly TemporaryFolder _folder = new();

    public RoundTripTests() => NativeLibraries.Load();

    public static TheoryData<string> Cases() =>
    [
        "llama", "llama, head of its own, biases", "llama, linear scaling", "llama, YaRN", "qwen2", "qwen3", "qwen3, YaRN", "smollm3", "phi3", "gemma2", "gemma3",
        "gemma3, scaled, window in every other layer", "phi3, part of the head rotated, long factors",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_model_comes_back_from_a_Hugging_Face_folder(string name)
    {
        string before = RandomModel.Write(_folder["before.gguf"], Shape(name)), hub = HuggingFaceWriter.Write(_folder["Random-Model"], before);
        ConversionReport report = Convert(hub, ModelFileType.F32);
        Assert.Empty(report.Notes);
        using (MappedModel expected = MappedModel.Open(before), converted = MappedModel.Open(_folder["after.gguf"]))
        {
            Assert.Equal(expected.File.Tensors.Select(t => t.Name).Order(), converted.File.Tensors.Select(t => t.Name).Order());
            foreach (GgufTensorInfo tensor in expected.File.Tensors)
            {
                double tolerance = name.StartsWith("gemma", StringComparison.Ordinal) ? 1e-6 : 0; // norms less one, and one more
                Assert.True(ModelComparison.RelativeL2(converted[tensor.Name].ToFloats(), expected[tensor.Name].ToFloats()) <= tolerance, tensor.Name);
            }

            foreach (string key in expected.File.Metadata.Keys.Where(k => k is not "general.name"))
                Assert.Equal(Show(expected.File.Metadata, key), Show(converted.File.Metadata, key));
        }

        Assert.InRange(ModelComparison.RelativeL2(ModelComparison.OfLlama(_folder["after.gguf"]), ModelComparison.OfLlama(before)), 0, 1e-5);
        ModelQuantizer.Quantize(before, _folder["expected.gguf"], ModelFileType.F16, threads: 1);
        Convert(hub, ModelFileType.F16);
        Assert.InRange(ModelComparison.RelativeL2(ModelComparison.OfLlama(_folder["after.gguf"]), ModelComparison.OfLlama(_folder["expected.gguf"])), 0, 1e-3);
    }

    [Theory]
    [InlineData("F16", null, ModelFileType.F16)]
    [InlineData("BF16", null, ModelFileType.BF16)]
    [InlineData("F32", null, ModelFileType.F16)]
    [InlineData("BF16", ModelFileType.Q8_0, ModelFileType.Q8_0)]
    [InlineData("BF16", ModelFileType.Q4_K_M, ModelFileType.Q4_K_M)]
    public void Weights_in_several_files_and_of_every_type_become_every_type(string stored, ModelFileType? asked, ModelFileType written)
    {
        string before = RandomModel.Write(_folder["before.gguf"], ArchitectureCases.All["qwen2"]);
        ConversionReport report = Convert(HuggingFaceWriter.Write(_folder["hub"], before, stored, shards: 3), asked);
        Assert.Equal((written, "qwen2", new FileInfo(_folder["after.gguf"]).Length), (report.Type, report.Architecture, report.Bytes));
        Assert.Equal((long)written, GgufFile.Open(_folder["after.gguf"]).Metadata.Integer("general.file_type"));
        double tolerance = written == ModelFileType.Q4_K_M ? 0.25 : 0.05;
        Assert.InRange(ModelComparison.RelativeL2(ModelComparison.OfLlama(_folder["after.gguf"]), ModelComparison.OfLlama(before)), 0, tolerance);
        Assert.Equal(["after.gguf", "before.gguf"], Directory.GetFiles(_folder.Path).Select(p => Path.GetFileName(p)!).Order());
    }

    /// <summary>Factors as transformers computes them: of heads 64 wide, base 500,000, first context 8192.</summary>
    [Fact]
    public void Llama_3_positions_are_stretched_by_factors_of_frequencies()
    {
        string before = RandomModel.Write(_folder["before.gguf"], new RandomModelShape(Width: 128, Heads: 2, KvHeads: 1) { Metadata = new() { ["rope.freq_base"] = 500_000f } });
        Convert(HuggingFaceWriter.Write(_folder["hub"], before, change: config => config["rope_scaling"] = JsonNode.Parse(
            """{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}""")), ModelFileType.F32);
        using MappedModel converted = MappedModel.Open(_folder["after.gguf"]);
        float[] factors = converted["rope_freqs.weight"].ToFloats();
        Assert.Equal(32, factors.Length);
        for (int i = 0; i < factors.Length; i++)
        {
            double wavelength = 2 * Math.PI * Math.Pow(500_000, i / 32.0), smooth = ((8192 / wavelength) - 1) / 3;
            double expected = wavelength < 2048 ? 1 : wavelength > 8192 ? 32 : 1 / (((1 - smooth) / 32) + smooth);
            Assert.Equal(expected, factors[i], expected * 1e-4);
        }
    }

    [Fact]
    public void The_text_part_of_a_model_that_sees_is_taken()
    {
        string before = RandomModel.Write(_folder["before.gguf"], ArchitectureCases.All["gemma3"]), hub = HuggingFaceWriter.Write(_folder["hub"], before, change: config =>
        {
            var text = (JsonObject)config.DeepClone();
            text.Remove("architectures");
            config.Clear();
            config["architectures"] = new JsonArray("Gemma3ForConditionalGeneration");
            config["text_config"] = text;
        });
        Rename(Path.Combine(hub, "model.safetensors"), name => name.Replace("model.", "language_model.model.", StringComparison.Ordinal), ("vision_tower.x.weight", [2, 2]));
        Assert.Contains("pictures", Assert.Single(Convert(hub, ModelFileType.F32).Notes), StringComparison.Ordinal);
        Assert.InRange(ModelComparison.RelativeL2(ModelComparison.OfLlama(_folder["after.gguf"]), ModelComparison.OfLlama(before)), 0, 1e-5);
    }

    private static RandomModelShape Shape(string name) => name == "phi3, part of the head rotated, long factors"
        ? ArchitectureCases.All["phi3"] with
        {
            FrequencyFactors = LongFactors,
            Metadata = new()
            {
                ["rope.dimension_count"] = 48u, ["rope.scaling.original_context_length"] = 64u,
                ["rope.scaling.attn_factor"] = MathF.Sqrt(1 + (MathF.Log(512f / 64) / MathF.Log(64))), // as the paper has it, for 8 times the context
            },
        }
        : ArchitectureCases.All[name];

    private static void Rename(string path, Func<string, string> name, (string Name, long[] Shape) more)
    {
        byte[] file = File.ReadAllBytes(path);
        int length = (int)BitConverter.ToInt64(file);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, length));
        var tensors = header.RootElement.EnumerateObject().Where(t => t.Name != "__metadata__").Select(t =>
        {
            long[] offsets = Numbers(t.Value, "data_offsets");
            return (name(t.Name), Numbers(t.Value, "shape"), "F32", file[(8 + length + (int)offsets[0])..(8 + length + (int)offsets[1])]);
        }).ToList();
        HuggingFaceWriter.WriteTensors(path, [.. tensors, (more.Name, more.Shape, "F32", new byte[4 * more.Shape.Aggregate((a, b) => a * b)])]);

        static long[] Numbers(JsonElement tensor, string key) => [.. tensor.GetProperty(key).EnumerateArray().Select(n => n.GetInt64())];
    }

    private ConversionReport Convert(string hub, ModelFileType? type) => new ModelConversion(hub, _folder["after.gguf"]) { Type = type }.Write(CancellationToken.None);

    private static string Show(GgufMetadata metadata, string key) =>
        !metadata.TryGet(key, out object? value) ? $"{key} is missing"
        : value is Array list ? string.Join('|', list.Cast<object>())
        : value is float number ? number.ToString("G5", System.Globalization.CultureInfo.InvariantCulture) : $"{value}";
}
