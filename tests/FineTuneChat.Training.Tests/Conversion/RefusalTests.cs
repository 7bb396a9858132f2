using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gguf.Conversion;
using FineTuneChat.Gguf.Safetensors;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Export;

namespace FineTuneChat.Training.Tests.Conversion;

/// <summary>A folder that cannot be converted is refused in one line that says what is wrong and what to do, and nothing is left behind.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _hub, _model;

    public RefusalTests()
    {
        NativeLibraries.Load();
        _model = RandomModel.Write(_folder["before.gguf"], new RandomModelShape(Layers: 1));
        _hub = HuggingFaceWriter.Write(_folder["hub"], _model);
    }

    private string Weights => Path.Combine(_hub, "model.safetensors");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Configurations() => new()
    {
        { "architectures", """["MixtralForCausalLM"]""", "'MixtralForCausalLM' cannot be converted. Supported: Gemma2ForCausalLM" },
        { "architectures", "[]", "lacks \"architectures\"" },
        { "hidden_size", "\"wide\"", "\"hidden_size\" is \"wide\"; a whole number from 1 to" },
        { "hidden_size", "null", "lacks \"hidden_size\"" },
        { "num_key_value_heads", "3", "4 heads cannot share 3" },
        { "num_hidden_layers", "2", "lack 'model.layers.1.input_layernorm.weight', which config.json asks for" },
        { "intermediate_size", "96", "'model.layers.0.mlp.gate_proj.weight' is [128, 64]; config.json asks for [96, 64]" },
        { "hidden_act", "\"relu\"", "the activation is 'relu', not 'silu'" },
        { "rope_scaling", """{"rope_type":"mrope","factor":2}""", "positions are scaled by 'mrope'" },
        { "rope_scaling", """{"rope_type":"linear"}""", "lacks \"factor\"" },
        { "partial_rotary_factor", "0.5", "only 8 of a head's 16 numbers are rotated" },
        { "quantization_config", """{"quant_method":"gptq"}""", "quantised (gptq); convert the model that they were made from" },
        { "tie_word_embeddings", "false", "lack 'lm_head.weight'" },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void A_configuration_that_cannot_be_computed_names_the_reason(string key, string value, string expected)
    {
        Change("config.json", config => config[key] = JsonNode.Parse(value));
        Refused(expected);
    }

    [Theory]
    [InlineData("config.json", "no config.json")]
    [InlineData("model.safetensors", "there are no weights; model.safetensors, or model.safetensors.index.json")]
    [InlineData("tokenizer.json", "has no tokenizer: tokenizer.json or tokenizer.model is needed")]
    public void A_missing_file_is_named(string name, string expected)
    {
        File.Delete(Path.Combine(_hub, name));
        Refused(expected);
    }

    [Fact]
    public void What_is_no_folder_of_a_model_is_named()
    {
        Directory.CreateDirectory(_folder["empty"]);
        Refused("is empty", _folder["empty"]);
        Refused("There is no folder", _folder["nowhere"]);
        Refused("is a file; a folder with config.json", _model);
        File.WriteAllText(_folder["empty/adapter_config.json"], "{}");
        Refused("LoRA adapter", _folder["empty"]);
        File.WriteAllText(Path.Combine(_hub, "config.json"), "{\"architectures\":");
        Refused("config.json is not usable JSON");
    }

    [Fact]
    public void Weights_cut_off_anywhere_are_refused()
    {
        byte[] whole = File.ReadAllBytes(Weights);
        int step = Math.Max(1, whole.Length / (60 * Scale.Factor));
        for (int length = 0; length < whole.Length; length += length < 64 ? 1 : step)
        {
            File.WriteAllBytes(Weights, whole[..length]);
            Refused("cannot be used");
        }

        File.WriteAllBytes(Weights, [.. whole, 0]);
        Refused("1 bytes follow its last tensor");
    }

    [Theory]
    [InlineData("[0,4]", "[0,4]", "lies over")]
    [InlineData("[0,4]", "[8,12]", "no tensor has the bytes 4 to 8")]
    [InlineData("[4,8]", "[8,12]", "no tensor has the bytes 0 to 4")]
    [InlineData("[0,8]", "[8,12]", "'a' has 8 bytes; [1] of F32 are 4")]
    [InlineData("[-4,0]", "[0,4]", "'a' has an impossible shape or place")]
    [InlineData("[0,4]", "[4,8]", "it ends within 'b', 2 bytes too early", 6)]
    [InlineData("[0,4]", "{}", "its header is not what the format asks for")]
    public void Places_in_the_header_are_checked(string first, string second, string expected, int bytes = 12)
    {
        byte[] header = Encoding.UTF8.GetBytes($$$"""
            {"a":{"dtype":"F32","shape":[1],"data_offsets":{{{first}}}},"b":{"dtype":"F32","shape":[1],"data_offsets":{{{second}}}}}
            """);
        File.WriteAllBytes(Weights, [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[bytes]]);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(Weights)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(long.MaxValue, "first 8 bytes say")]
    [InlineData(-1, "first 8 bytes say")]
    [InlineData(99_000_000, "ends within its header")]
    public void A_header_longer_than_its_file_takes_no_memory(long length, string expected)
    {
        File.WriteAllBytes(Weights, [.. BitConverter.GetBytes(length), .. "{}"u8]);
        Refused(expected);
    }

    [Theory]
    [InlineData(float.NaN, ModelFileType.F32, "'model.norm.weight' holds numbers that are not finite")]
    [InlineData(float.PositiveInfinity, ModelFileType.Q8_0, "'model.norm.weight' holds numbers that are not finite")]
    [InlineData(70_000f, ModelFileType.F16, "too large for F16; convert with --type BF16")]
    public void Numbers_that_the_file_could_not_hold_are_refused(float number, ModelFileType type, string expected)
    {
        RandomModel.Spoil(_model, number == 70_000f ? "token_embd.weight" : "output_norm.weight", number);
        HuggingFaceWriter.Write(_hub, _model);
        Refused(expected, type: type);
    }

    [Fact]
    public void Weights_without_a_place_are_named()
    {
        HuggingFaceWriter.WriteTensors(Path.Combine(_hub, "model.safetensors"), [("model.embed_tokens.weight", [260, 64], "I8", new byte[260 * 64])]);
        Refused("'model.embed_tokens.weight' is stored as I8; F32, F16 and BF16 can be converted");
        HuggingFaceWriter.Write(_hub, _model);
        Change("config.json", config => config["architectures"] = new JsonArray("Phi3ForCausalLM"));
        Refused("lack 'model.layers.0.self_attn.qkv_proj.weight'");
        Change("config.json", config => (config["architectures"], config["num_hidden_layers"]) = (new JsonArray("LlamaForCausalLM"), 1));
        HuggingFaceWriter.Write(_hub, RandomModel.Write(_model, new RandomModelShape(Layers: 2)), change: config => config["num_hidden_layers"] = 1);
        Refused("'model.layers.1.input_layernorm.weight' has no place in a model of architecture 'llama', nor have 8 others");
    }

    [Fact]
    public void An_index_must_name_files_of_its_folder_that_are_there()
    {
        string index = Path.Combine(_hub, "model.safetensors.index.json");
        File.WriteAllText(index, """{"weight_map":{"model.norm.weight":"model-00002-of-00002.safetensors"}}""");
        Refused("1 of 1 weight files are missing: model-00002-of-00002.safetensors");
        File.WriteAllText(index, """{"weight_map":{"model.norm.weight":"../before.gguf"}}""");
        Refused("'../before.gguf' is no file of this folder");
        File.WriteAllText(index, """{"weight_map":{"model.more.weight":"model.safetensors"}}""");
        Refused("lacks 'model.more.weight'");
        File.WriteAllText(index, "[]");
        Refused("it has no \"weight_map\" of tensors and files");
    }

    [Fact]
    public void A_tokenizer_that_llama_cpp_has_no_name_for_is_refused()
    {
        Change("tokenizer.json", json => json["pre_tokenizer"] = JsonNode.Parse("""{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated"}"""));
        Refused("cuts texts in a way that is not known here (\\w+). Known are those of dbrx, gpt-2");
        Change("tokenizer.json", json => json["model"]!["type"] = "WordPiece");
        Refused("of kind 'WordPiece'");
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_refused()
    {
        Change("tokenizer.json", json => json["model"]!["vocab"]!["more"] = 300);
        Refused("more tokens than the embedding has rows, 260");
    }

    /// <summary>The end of the disk, as far as a test may reach it: a folder in the file's place.</summary>
    [Fact]
    public void Where_the_file_cannot_be_written_nothing_stays()
    {
        Directory.CreateDirectory(_folder["out/after.gguf"]);
        Assert.ThrowsAny<Exception>(() => Convert(_hub, ModelFileType.F16));
        Assert.Equal([_folder["out/after.gguf"]], Directory.EnumerateFileSystemEntries(_folder["out"]));
    }

    [Fact]
    public void A_conversion_that_is_stopped_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        using HuggingFaceModel model = HuggingFaceModel.Open(_hub);
        Directory.CreateDirectory(_folder["out"]);
        Assert.Throws<OperationCanceledException>(() => model.Write(_folder["out/after.gguf"], FineTuneChat.Gguf.GgmlType.F16, _ => stop.Cancel(), stop.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["out"]));
    }

    private void Change(string name, Action<JsonObject> change)
    {
        string path = Path.Combine(_hub, name);
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private void Refused(string expected, string? hub = null, ModelFileType? type = null)
    {
        Exception refusal = Assert.ThrowsAny<Exception>(() => Convert(hub ?? _hub, type));
        Assert.True(refusal is InvalidDataException or IOException or NotSupportedException, refusal.ToString());
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.True(!Directory.Exists(_folder["out"]) || !Directory.EnumerateFileSystemEntries(_folder["out"]).Any(), "something was left behind");
    }

    private void Convert(string hub, ModelFileType? type) => new ModelConversion(hub, _folder["out/after.gguf"]) { Type = type }.Write(CancellationToken.None);
}
