using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;

namespace FineTuneChat.TestSupport;

/// <summary>
/// The way back: a folder as transformers would write it, from a GGUF file of <see cref="RandomModel"/>. Written without the converter's own tables, so that
/// both must be right for a model to come back as it was.
/// </summary>
public sealed class HuggingFaceWriter
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Qwen2Pattern = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<string, string> Classes = new()
    {
        ["llama"] = "LlamaForCausalLM", ["qwen2"] = "Qwen2ForCausalLM", ["qwen3"] = "Qwen3ForCausalLM", ["smollm3"] = "SmolLM3ForCausalLM",
        ["phi3"] = "Phi3ForCausalLM", ["gemma2"] = "Gemma2ForCausalLM", ["gemma3"] = "Gemma3ForCausalLM",
    };

    private static readonly Dictionary<string, string> Modules = new()
    {
        ["attn_norm"] = "input_layernorm", ["attn_q"] = "self_attn.q_proj", ["attn_k"] = "self_attn.k_proj", ["attn_v"] = "self_attn.v_proj",
        ["attn_qkv"] = "self_attn.qkv_proj", ["attn_output"] = "self_attn.o_proj", ["attn_q_norm"] = "self_attn.q_norm", ["attn_k_norm"] = "self_attn.k_norm",
        ["ffn_norm"] = "post_attention_layernorm", ["ffn_gate"] = "mlp.gate_proj", ["ffn_up"] = "mlp.up_proj", ["ffn_down"] = "mlp.down_proj",
    };

    private readonly string _folder;
    private readonly MappedModel _model;
    private readonly string _architecture;

    private HuggingFaceWriter(string folder, MappedModel model)
    {
        (_folder, _model, _architecture) = (folder, model, model.File.Architecture!);
    }

    private bool IsGemma => _architecture is "gemma2" or "gemma3";

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="path">The GGUF file, in F32.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="shards">Files of weights.</param>
    /// <param name="change">A last change of the configuration.</param>
    public static string Write(string folder, string path, string type = "F32", int shards = 1, Action<JsonObject>? change = null)
    {
        Directory.CreateDirectory(folder);
        using MappedModel model = MappedModel.Open(path);
        var writer = new HuggingFaceWriter(folder, model);
        writer.WriteConfig(change);
        writer.WriteTokenizer();
        writer.WriteWeights(type, shards);
        return folder;
    }

    /// <summary>Writes one safetensors file.</summary>
    public static void WriteTensors(string path, IEnumerable<(string Name, long[] Shape, string Type, byte[] Bytes)> tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var all = tensors.ToList();
        long offset = 0;
        foreach (var (name, shape, type, bytes) in all)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = type, ["shape"] = new JsonArray([.. shape.Select(s => (JsonNode)s)]), ["data_offsets"] = new JsonArray(offset, offset += bytes.Length),
            };
        }

        byte[] text = Encoding.UTF8.GetBytes(header.ToJsonString()), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        using FileStream file = File.Create(path);
        file.Write(length);
        file.Write(text);
        all.ForEach(tensor => file.Write(tensor.Bytes));
    }

    /// <summary>Numbers in a type's bytes.</summary>
    public static byte[] Bytes(string type, float[] values) => type switch
    {
        "F32" => MemoryMarshal.AsBytes<float>(values).ToArray(),
        "F16" => MemoryMarshal.AsBytes<Half>(values.Select(v => (Half)v).ToArray()).ToArray(),
        _ => MemoryMarshal.AsBytes<ushort>(values.Select(v => (ushort)((BitConverter.SingleToUInt32Bits(v) + 0x8000) >> 16)).ToArray()).ToArray(),
    };

    private void WriteConfig(Action<JsonObject>? change)
    {
        int width = Integer("embedding_length")!.Value, heads = Integer("attention.head_count")!.Value;
        int headWidth = Integer("attention.key_length") ?? width / heads;
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(Classes[_architecture]),
            ["hidden_size"] = width,
            ["num_hidden_layers"] = Integer("block_count"),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = Integer("attention.head_count_kv"),
            ["head_dim"] = headWidth,
            ["intermediate_size"] = Integer("feed_forward_length"),
            ["max_position_embeddings"] = Integer("context_length"),
            ["vocab_size"] = RandomModel.VocabularySize,
            ["rms_norm_eps"] = Number("attention.layer_norm_rms_epsilon"),
            ["rope_theta"] = Number("rope.freq_base"),
            ["tie_word_embeddings"] = _model.File.Find("output.weight") is null,
            ["hidden_act"] = IsGemma ? "gelu_pytorch_tanh" : "silu",
            ["query_pre_attn_scalar"] = headWidth,
            ["sliding_window"] = Integer("attention.sliding_window"),
            ["attn_logit_softcapping"] = Number("attn_logit_softcapping"),
            ["final_logit_softcapping"] = Number("final_logit_softcapping"),
            ["original_max_position_embeddings"] = Integer("rope.scaling.original_context_length"),
            ["partial_rotary_factor"] = (double)(Integer("rope.dimension_count") ?? headWidth) / headWidth,
            ["rope_scaling"] = Scaling(),
        };
        if (_architecture == "gemma3")
            config["sliding_window_pattern"] = Integer("attention.sliding_window_pattern") ?? 6;
        change?.Invoke(config);
        File.WriteAllText(Path.Combine(_folder, "config.json"), config.ToJsonString());
    }

    private JsonObject? Scaling()
    {
        if (_model.File.Find("rope_factors_long.weight") is not null)
        {
            return new JsonObject
            {
                ["type"] = "longrope", ["long_factor"] = List("rope_factors_long.weight"), ["short_factor"] = List("rope_factors_short.weight"),
            };
        }

        string? kind = _model.File.Metadata.Text($"{_architecture}.rope.scaling.type");
        if (kind is null)
            return null;
        var scaling = new JsonObject { ["rope_type"] = kind, ["factor"] = Number("rope.scaling.factor") };
        if (kind == "yarn")
        {
            scaling["original_max_position_embeddings"] = Integer("rope.scaling.original_context_length");
            if (Number("rope.scaling.attn_factor") is { } magnitude) // theirs is the whole, ours what is left of it
                scaling["attention_factor"] = magnitude * (1 + (0.1 * Math.Log(Number("rope.scaling.factor")!.Value)));
        }

        return scaling;

        JsonArray List(string tensor) => [.. _model[tensor].ToFloats().Select(f => (JsonNode)(double)f)];
    }

    private void WriteTokenizer()
    {
        string[] tokens = _model.File.Metadata.Array<string>("tokenizer.ggml.tokens")!;
        var added = new JsonArray();
        for (int id = 256; id < tokens.Length; id++)
            added.Add(new JsonObject { ["id"] = id, ["content"] = tokens[id], ["special"] = true, ["normalized"] = false });
        var vocabulary = new JsonObject();
        for (int id = 0; id < 256; id++)
            vocabulary[tokens[id]] = id;
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), new JsonObject
        {
            ["added_tokens"] = added,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Qwen2Pattern }, ["behavior"] = "Isolated", ["invert"] = false },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false }),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. _model.File.Metadata.Array<string>("tokenizer.ggml.merges")!.Select(m => (JsonNode)m)]),
            },
        }.ToJsonString());
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), new JsonObject
        {
            ["bos_token"] = tokens[RandomModel.EndOfText], ["eos_token"] = new JsonObject { ["content"] = tokens[RandomModel.TurnEnd] },
            ["add_bos_token"] = false, ["chat_template"] = RandomModel.ChatMl,
        }.ToJsonString());
    }

    private void WriteWeights(string type, int shards)
    {
        var tensors = _model.File.Tensors.Where(t => !t.Name.StartsWith("rope_", StringComparison.Ordinal)).Select(t => Tensor(t, type)).ToList();
        if (shards == 1)
        {
            WriteTensors(Path.Combine(_folder, "model.safetensors"), tensors);
            return;
        }

        var map = new JsonObject();
        for (int shard = 0; shard < shards; shard++)
        {
            string name = $"model-{shard + 1:00000}-of-{shards:00000}.safetensors";
            var part = tensors.Where((_, i) => i % shards == shard).ToList();
            WriteTensors(Path.Combine(_folder, name), part);
            part.ForEach(tensor => map[tensor.Name] = name);
        }

        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
    }

    private (string Name, long[] Shape, string Type, byte[] Bytes) Tensor(GgufTensorInfo tensor, string type)
    {
        string[] parts = tensor.Name.Split('.');
        float[] values = _model[tensor.Name].ToFloats();
        if (_architecture is "llama" or "smollm3" && parts is ["blk", _, "attn_q" or "attn_k", _])
            values = Halves(values, tensor.Shape.Count == 1 ? 1 : (int)tensor.Shape[0]);
        if (IsGemma && tensor.Name.EndsWith("_norm.weight", StringComparison.Ordinal))
            values = [.. values.Select(v => v - 1)];
        string name = parts switch
        {
            ["token_embd", _] => "model.embed_tokens.weight",
            ["output_norm", _] => "model.norm.weight",
            ["output", var ending] => $"lm_head.{ending}",
            _ => $"model.layers.{parts[1]}.{Module(parts[2])}.{parts[3]}",
        };
        return (name, [.. tensor.Shape.Reverse()], type, Bytes(type, values));
    }

    private string Module(string part) => part switch
    {
        "ffn_up" when _architecture == "phi3" => "mlp.gate_up_proj",
        "ffn_norm" when IsGemma => "pre_feedforward_layernorm",
        "post_attention_norm" => "post_attention_layernorm",
        "post_ffw_norm" => "post_feedforward_layernorm",
        _ => Modules[part],
    };

    /// <summary>llama.cpp's neighbours of a head as its two halves.</summary>
    private float[] Halves(float[] values, int columns)
    {
        int headWidth = Integer("attention.key_length") ?? Integer("embedding_length")!.Value / Integer("attention.head_count")!.Value;
        var moved = new float[values.Length];
        for (int row = 0; row < values.Length / columns; row++)
        {
            int head = row / headWidth, place = row % headWidth;
            values.AsSpan(row * columns, columns).CopyTo(moved.AsSpan(((head * headWidth) + (place % 2 * (headWidth / 2)) + (place / 2)) * columns));
        }

        return moved;
    }

    private int? Integer(string key) => (int?)_model.File.Metadata.Integer($"{_architecture}.{key}");

    private double? Number(string key) => _model.File.Metadata.Number($"{_architecture}.{key}");
}
