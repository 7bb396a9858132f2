using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Conversion;
using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Training.Tests.Conversion;

/// <summary>A converted tokenizer cuts texts as the one at Hugging Face does.</summary>
public sealed class TokenizerTests : IDisposable
{
    private const int Width = 32, Byte = 6, Control = 3, UserDefined = 4;
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)", Marks = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private readonly TemporaryFolder _folder = new();

    public TokenizerTests() => NativeLibraries.Load();

    public void Dispose() => _folder.Dispose();

    /// <summary>llama.cpp's own recordings: their tokens as Hugging Face's files, converted, give the recorded numbers.</summary>
    [RecordedVocabulariesFact]
    [Trait(Tier.Name, Tier.Slow)]
    public void Tokenizers_of_well_known_models_come_back_and_cut_texts_as_recorded()
    {
        foreach (string recorded in RecordedVocabularies.Files)
        {
            GgufMetadata from = GgufFile.Open(recorded).Metadata;
            string[] tokens = from.Array<string>("tokenizer.ggml.tokens")!;
            WriteWeights(tokens.Length);
            bool hasPieces = from.Text("tokenizer.ggml.model") == "llama";
            File.Delete(_folder[hasPieces ? "tokenizer.json" : "tokenizer.model"]);
            if (hasPieces)
                File.WriteAllBytes(_folder["tokenizer.model"], Pieces(tokens, from.Array<float>("tokenizer.ggml.scores")!, from.Array<int>("tokenizer.ggml.token_type")!));
            else
                WriteJson(from, tokens);

            GgufMetadata converted = Convert();
            Assert.Equal(tokens, converted.Array<string>("tokenizer.ggml.tokens")!);
            Assert.Equal(from.Array<int>("tokenizer.ggml.token_type")!, converted.Array<int>("tokenizer.ggml.token_type")!);
            if (hasPieces)
                Assert.Equal(from.Array<float>("tokenizer.ggml.scores")!, converted.Array<float>("tokenizer.ggml.scores")!);
            else
                Assert.Equal(from.Array<string>("tokenizer.ggml.merges")!, converted.Array<string>("tokenizer.ggml.merges")!);
            CutsAsRecorded(recorded);
        }
    }

    /// <summary>Where only tokenizer.json is left of a SentencePiece model, llama.cpp's scores are made of the order of merges.</summary>
    [Fact]
    public void Merges_with_byte_fallback_become_scores_in_their_order()
    {
        string[] own = ["<unk>", "<s>", "</s>", .. Bytes(), "▁", "a", "b", "c", "ab", "bc", "abc", "▁a", "▁ab"];
        WriteWeights(own.Length + 2);
        File.WriteAllText(_folder["tokenizer.json"], new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(0, "<unk>", true), Added(1, "<s>", true), Added(2, "</s>", true), Added(own.Length, "▁▁", false)),
            ["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["byte_fallback"] = true, ["vocab"] = Vocabulary(own), ["merges"] = JsonNode.Parse("""["b c",["a","b"],"▁ a","a bc","▁ ab"]"""),
            },
        }.ToJsonString());
        GgufMetadata converted = Convert();
        Assert.Equal(("llama", 1L), (converted.Text("tokenizer.ggml.model"), converted.Integer("tokenizer.ggml.add_space_prefix")));
        float[] scores = converted.Array<float>("tokenizer.ggml.scores")!;
        string[] texts = converted.Array<string>("tokenizer.ggml.tokens")!;
        int[] types = converted.Array<int>("tokenizer.ggml.token_type")!;
        Assert.Equal(["bc", "ab", "▁a", "abc", "▁ab"], texts.Zip(scores).Where(t => t.Second is <= 0 and > -10 && t.First.Length is 2 or 3 && !t.First.Contains('<'))
            .OrderByDescending(t => t.Second).Select(t => t.First));
        Assert.Equal((Control, Byte, UserDefined), (types[1], types[3 + 'A'], types[own.Length]));
        Assert.Equal(("  ", $"[PAD{own.Length + 1}]"), (texts[own.Length], texts[^1]));

        using var model = LlamaModel.Load(_folder["after.gguf"], new() { VocabularyOnly = true });
        // "bc" is merged first, then "▁a"; "abc" would need an "a" that stands alone.
        Assert.Equal(["▁a", "bc"], model.Vocabulary.Tokenize("abc", false, false).Select(t => texts[t]));
        Assert.Equal(["▁ab"], model.Vocabulary.Tokenize("ab", false, false).Select(t => texts[t]));
    }

    [Fact]
    public void A_model_of_probabilities_keeps_its_rules()
    {
        string[] pieces = ["<unk>", "<s>", "</s>", .. Bytes(), "▁", "a", "▁a"];
        WriteWeights(pieces.Length);
        File.WriteAllBytes(_folder["tokenizer.model"], Pieces(pieces, [.. pieces.Select((_, i) => -i / 10f)], Types(pieces), unigram: true));
        GgufMetadata converted = Convert();
        Assert.Equal(("t5", 0L), (converted.Text("tokenizer.ggml.model"), converted.Integer("tokenizer.ggml.remove_extra_whitespaces")));
        Assert.Equal(-0.3f, converted.Array<float>("tokenizer.ggml.scores")![3], 1e-6f);
    }

    [Fact]
    public void A_SentencePiece_model_cut_off_or_damaged_anywhere_is_read_or_refused()
    {
        string[] pieces = ["<unk>", "<s>", "</s>", .. Bytes(), "▁", "a", "▁a"];
        byte[] whole = Pieces(pieces, new float[pieces.Length], Types(pieces));
        WriteWeights(pieces.Length);
        var random = new Random(5);
        for (int round = 0; round < 300 * Scale.Factor; round++)
        {
            byte[] damaged = round % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (round % 2 == 1)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(_folder["tokenizer.model"], damaged);
            try
            {
                HuggingFaceModel.Open(_folder.Path).Dispose();
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
            }
        }
    }

    [Theory]
    [InlineData(Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + Marks, true, "llama-bpe")]
    [InlineData(Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + Marks, false, "dbrx")]
    [InlineData(@"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + Marks, false, "qwen2")]
    public void The_way_of_cutting_is_known_by_its_pattern(string pattern, bool ignoresMerges, string expected)
    {
        string hub = HuggingFaceWriter.Write(_folder["hub"], RandomModel.Write(_folder["before.gguf"], new RandomModelShape(Layers: 1)));
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(hub, "tokenizer.json")))!;
        json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = pattern;
        json["model"]!["ignore_merges"] = ignoresMerges;
        File.WriteAllText(Path.Combine(hub, "tokenizer.json"), json.ToJsonString());
        Assert.Equal(expected, Convert(hub).Text("tokenizer.ggml.pre"));
    }

    private static IEnumerable<string> Bytes() => Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>");

    private static int[] Types(string[] pieces) => [.. pieces.Select((p, i) => i == 0 ? 2 : i < 3 ? Control : p is ['<', '0', 'x', ..] ? Byte : 1)];

    private static JsonObject Vocabulary(string[] tokens) => new(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));

    private static JsonObject Added(int id, string text, bool isSpecial) => new() { ["id"] = id, ["content"] = text, ["special"] = isSpecial };

    /// <summary>SentencePiece's protocol buffer: pieces, the kind of the model, and that it neither adds nor removes spaces.</summary>
    private static byte[] Pieces(string[] texts, float[] scores, int[] types, bool unigram = false)
    {
        using var file = new MemoryStream();
        for (int i = 0; i < texts.Length; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(texts[i]);
            Field(file, 1, [0x0A, .. Varint(text.Length), .. text, 0x15, .. BitConverter.GetBytes(scores[i]), 0x18, (byte)types[i]]);
        }

        Field(file, 2, [0x18, (byte)(unigram ? 1 : 2)]);
        Field(file, 3, [0x18, 1, 0x20, 0]);
        return file.ToArray();

        static void Field(Stream file, int number, byte[] bytes) => file.Write([(byte)((number << 3) | 2), .. Varint(bytes.Length), .. bytes]);

        static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
    }

    private void WriteJson(GgufMetadata from, string[] tokens)
    {
        int[] types = from.Array<int>("tokenizer.ggml.token_type")!;
        bool isLlama = from.Text("tokenizer.ggml.pre") == "llama-bpe";
        var added = new JsonArray([.. tokens.Index().Where(t => types[t.Index] is Control or UserDefined).Select(t => Added(t.Index, t.Item, types[t.Index] == Control))]);
        string pattern = $@"{Contractions}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{(isLlama ? "{1,3}" : "")}|{Marks}";
        File.WriteAllText(_folder["tokenizer.json"], new JsonObject
        {
            ["added_tokens"] = added,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["ignore_merges"] = isLlama,
                ["vocab"] = new JsonObject(tokens.Index().Where(t => types[t.Index] == 1).Select(t => KeyValuePair.Create(t.Item, (JsonNode?)t.Index))),
                ["merges"] = new JsonArray([.. from.Array<string>("tokenizer.ggml.merges")!.Select(m => (JsonNode)m)]),
            },
        }.ToJsonString());
    }

    /// <summary>A model of one layer, all zeros, with so many tokens.</summary>
    private void WriteWeights(int vocabulary)
    {
        File.WriteAllText(_folder["config.json"], $$"""
            {"architectures":["LlamaForCausalLM"],"hidden_size":{{Width}},"num_hidden_layers":1,"num_attention_heads":1,"intermediate_size":{{Width}},
             "max_position_embeddings":512,"vocab_size":{{vocabulary}},"tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":2}
            """);
        string[] matrices = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];
        HuggingFaceWriter.WriteTensors(_folder["model.safetensors"],
        [
            ("model.embed_tokens.weight", [vocabulary, Width], "F16", new byte[2 * Width * vocabulary]),
            .. new[] { "model.norm", "model.layers.0.input_layernorm", "model.layers.0.post_attention_layernorm" }
                .Select(n => ($"{n}.weight", new long[] { Width }, "F16", new byte[2 * Width])),
            .. matrices.Select(m => ($"model.layers.0.{m}.weight", new long[] { Width, Width }, "F16", new byte[2 * Width * Width])),
        ]);
    }

    private GgufMetadata Convert(string? hub = null)
    {
        using HuggingFaceModel model = HuggingFaceModel.Open(hub ?? _folder.Path);
        model.Write(_folder["after.gguf"], GgmlType.F16);
        return GgufFile.Open(_folder["after.gguf"]).Metadata;
    }

    private void CutsAsRecorded(string recorded)
    {
        using var model = LlamaModel.Load(_folder["after.gguf"], new() { VocabularyOnly = true });
        string[] inputs = File.ReadAllText(recorded + ".inp").Split("\n__ggml_vocab_test__\n"), outputs = File.ReadAllLines(recorded + ".out");
        for (int i = 0; i < outputs.Length; i++)
            Assert.Equal(outputs[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse), model.Vocabulary.Tokenize(inputs[i], false, false));
    }
}
