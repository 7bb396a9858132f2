using System.Text.Json.Nodes;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Conversion;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;
using FineTuneChat.Training.Lora;
using FineTuneChat.Training.Lora.Peft;
using FineTuneChat.Training.Tests.Graphs;

namespace FineTuneChat.Training.Tests.Conversion;

/// <summary>What a converted file says of where it came from, and of its tokens and templates.</summary>
public sealed class OriginTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public OriginTests()
    {
        NativeLibraries.Load();
        _model = RandomModel.Write(_folder["before.gguf"], new RandomModelShape(Layers: 1));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>As llama.cpp's converter reads names.</summary>
    [Theory]
    [InlineData("Mistral-7B-Instruct-v0.2", "Mistral 7B Instruct v0.2", "Mistral", "7b-Instruct", "v0.2", "54K")] // far from this model's size: a length of context, it seems
    [InlineData("tiny-50K-chat", "Tiny 50K Chat", "tiny", "chat", null, "50K")]
    [InlineData("model", "Model", null, null, null, "54K")]
    [InlineData("Phi-3.5-mini-instruct", "Phi 3.5 Mini Instruct", "Phi-3.5", "instruct", null, "mini")]
    public void The_folders_name_says_base_size_kind_and_version(string folder, string name, string? basename, string? finetune, string? version, string size)
    {
        GgufMetadata metadata = Converted(HuggingFaceWriter.Write(_folder[folder], _model));
        Assert.Equal(
            (name, basename, finetune, version, size),
            (metadata.Text("general.name"), metadata.Text("general.basename"), metadata.Text("general.finetune"), metadata.Text("general.version"),
                metadata.Text("general.size_label")));
    }

    [Fact]
    public void The_card_and_the_makers_settings_are_kept()
    {
        string hub = HuggingFaceWriter.Write(_folder["hub"], _model);
        File.WriteAllText(Path.Combine(hub, "README.md"), """
            ---
            license: other
            license_name: tiny
            license_link: https://example.org/license
            language: [en, no]
            base_model: mistralai/Mistral-7B-v0.1
            pipeline_tag: text-generation
            model_name: A Name
            ---
            # Words
            """);
        File.WriteAllText(Path.Combine(hub, "generation_config.json"), """{"temperature":0.6,"top_k":40}""");
        GgufMetadata metadata = Converted(hub);
        Assert.Equal(("A Name", "other", "tiny"), (metadata.Text("general.name"), metadata.Text("general.license"), metadata.Text("general.license.name")));
        Assert.Equal(["en", "no"], metadata.Array<string>("general.languages")!);
        Assert.Equal(["text-generation"], metadata.Array<string>("general.tags")!);
        Assert.Equal("https://huggingface.co/mistralai/Mistral-7B-v0.1", metadata.Text("general.base_model.0.repo_url"));
        Assert.Equal((0.6f, 40L), ((float)metadata.Number("general.sampling.temp")!, metadata.Integer("general.sampling.top_k")));
    }

    [Fact]
    public void A_card_that_cannot_be_read_is_no_reason_not_to_convert()
    {
        string hub = HuggingFaceWriter.Write(_folder["hub"], _model);
        File.WriteAllText(Path.Combine(hub, "README.md"), "---\n[: &x *y\n---\n");
        Assert.Null(Converted(hub).Text("general.license"));
    }

    [Fact]
    public void The_file_remembers_its_source_and_an_adapter_names_it()
    {
        string cached = _folder[$"models--owner--name/snapshots/{Commit}"], said = HuggingFaceWriter.Write(_folder["said"], _model);
        Assert.Equal(("owner/name", Commit), Source(Converted(HuggingFaceWriter.Write(cached, _model))));
        Assert.Equal(("other/model", "main"), Source(Converted(said, "other/model@main")));
        Directory.CreateDirectory(Path.Combine(said, ".cache/huggingface/download"));
        File.WriteAllText(Path.Combine(said, ".cache/huggingface/download/config.json.metadata"), $"{Commit}\netag\n0\n");
        Assert.Equal((null, Commit), Source(Converted(said)));
        Assert.Throws<InvalidDataException>(() => HuggingFaceModel.Open(said, "no name"));
        GgufMetadata metadata = Converted(said, "other/model");
        Assert.Equal($"https://huggingface.co/other/model/tree/{Commit}", metadata.Text("general.source.url"));

        GgufFile converted = GgufFile.Open(_folder["after.gguf"]);
        using LoraAdapter adapter = TrainedAdapter.Create(converted, rank: 2, spread: 0.1f);
        PeftAdapter.Save(_folder.Path, adapter, converted);
        JsonNode config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!;
        Assert.Equal(("other/model", Commit), ((string)config["base_model_name_or_path"]!, (string)config["revision"]!));

        static (string?, string?) Source(GgufMetadata from) =>
            (from.Text("general.source.huggingface.repository"), from.Text("general.source.huggingface.revision"));
    }

    [Fact]
    public void Templates_are_kept_a_file_before_an_entry()
    {
        string hub = HuggingFaceWriter.Write(_folder["hub"], _model), config = Path.Combine(hub, "tokenizer_config.json");
        File.WriteAllText(config, """{"chat_template":[{"name":"default","template":"A"},{"name":"tool use","template":"B"}]}""");
        GgufMetadata metadata = Converted(hub);
        Assert.Equal(("A", "B"), (metadata.Text("tokenizer.chat_template"), metadata.Text("tokenizer.chat_template.tool_use")));
        File.WriteAllText(Path.Combine(hub, "chat_template.jinja"), "C");
        Assert.Equal("C", Converted(hub).Text("tokenizer.chat_template"));
    }

    [Theory]
    [InlineData("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|endoftext|>"}},{"Sequence":{"id":"A"}}]}""", "{}", 1L, 0L)]
    [InlineData("""{"type":"ByteLevel"}""", "{}", 0L, 0L)]
    [InlineData("""{"type":"ByteLevel"}""", """{"add_bos_token":true,"add_eos_token":true}""", 1L, 1L)]
    public void Tokens_that_are_added_unasked_are_those_of_Hugging_Face(string processor, string own, long bos, long eos)
    {
        string hub = HuggingFaceWriter.Write(_folder["hub"], _model), json = Path.Combine(hub, "tokenizer.json");
        JsonNode tokenizer = JsonNode.Parse(File.ReadAllText(json))!;
        tokenizer["post_processor"] = JsonNode.Parse(processor);
        File.WriteAllText(json, tokenizer.ToJsonString());
        JsonObject config = JsonNode.Parse(own)!.AsObject();
        (config["bos_token"], config["eos_token"]) = ("<|endoftext|>", "<|im_end|>");
        File.WriteAllText(Path.Combine(hub, "tokenizer_config.json"), config.ToJsonString());
        GgufMetadata metadata = Converted(hub);
        Assert.Equal((bos, eos), (metadata.Integer("tokenizer.ggml.add_bos_token"), metadata.Integer("tokenizer.ggml.add_eos_token")));
        Assert.Equal((256L, 258L), (metadata.Integer("tokenizer.ggml.bos_token_id"), metadata.Integer("tokenizer.ggml.eos_token_id")));
    }

    private GgufMetadata Converted(string hub, string? source = null)
    {
        using HuggingFaceModel model = HuggingFaceModel.Open(hub, source);
        model.Write(_folder["after.gguf"], GgmlType.F16);
        return GgufFile.Open(_folder["after.gguf"]).Metadata;
    }
}
