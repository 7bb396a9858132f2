using FineTuneChat.Gguf;

namespace FineTuneChat.TestSupport;

/// <summary>Size and kind of a random model.</summary>
public sealed record RandomModelShape(
    int Layers = 2, int Width = 64, int Heads = 4, int KvHeads = 2, int FeedForward = 128, bool Tied = true, int Context = 512)
{
    public string Architecture { get; init; } = "llama";

    public int HeadWidth
    {
        get => field > 0 ? field : Width / Heads;
        init;
    }

    /// <summary>Whether layers that may have a bias have one.</summary>
    public bool Biases { get; init; }

    /// <summary>Whether queries, keys and values are one matrix.</summary>
    public bool FusedHeads { get; init; }

    /// <summary>Names of tensors with divisors of the rope's frequencies.</summary>
    public string[] FrequencyFactors { get; init; } = [];

    /// <summary>Further entries, without the architecture's prefix.</summary>
    public Dictionary<string, object> Metadata { get; init; } = [];
}

/// <summary>
/// Writes a small GGUF of a given architecture with random F32 weights, a vocabulary of the 256 bytes and four control tokens,
/// and a ChatML template: everything a test needs of a model but sense.
/// </summary>
public static class RandomModel
{
    public const int EndOfText = 256;
    public const int TurnStart = 257;
    public const int TurnEnd = 258;
    public const int VocabularySize = 260;

    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    public static string Write(string path, RandomModelShape? shape = null, int seed = 1)
    {
        shape ??= new RandomModelShape();
        var writer = new GgufWriter();
        Describe(writer.Metadata, shape);
        AddTensors(writer, shape, new Random(seed));
        writer.Save(path);
        return path;
    }

    /// <summary>Damages a model: the first number of one of its tensors.</summary>
    public static string Spoil(string path, string tensor, float value = float.NaN)
    {
        long offset = GgufFile.Open(path).Find(tensor)!.Offset;
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite) { Position = offset };
        file.Write(BitConverter.GetBytes(value));
        return path;
    }

    private static void Describe(GgufMetadata metadata, RandomModelShape shape)
    {
        string prefix = shape.Architecture + ".";
        metadata.Set("general.architecture", shape.Architecture);
        metadata.Set("general.name", "random");
        metadata.Set("general.file_type", 0u);
        metadata.Set(prefix + "context_length", (uint)shape.Context);
        metadata.Set(prefix + "embedding_length", (uint)shape.Width);
        metadata.Set(prefix + "block_count", (uint)shape.Layers);
        metadata.Set(prefix + "feed_forward_length", (uint)shape.FeedForward);
        metadata.Set(prefix + "attention.head_count", (uint)shape.Heads);
        metadata.Set(prefix + "attention.head_count_kv", (uint)shape.KvHeads);
        metadata.Set(prefix + "attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.Set(prefix + "rope.freq_base", 10000f);
        metadata.Set(prefix + "rope.dimension_count", (uint)shape.HeadWidth);
        metadata.Set(prefix + "vocab_size", (uint)VocabularySize);
        if (shape.HeadWidth != shape.Width / shape.Heads)
        {
            metadata.Set(prefix + "attention.key_length", (uint)shape.HeadWidth);
            metadata.Set(prefix + "attention.value_length", (uint)shape.HeadWidth);
        }

        foreach (var (key, value) in shape.Metadata)
            metadata.Set(prefix + key, value);
        metadata.Set("tokenizer.ggml.model", "gpt2");
        metadata.Set("tokenizer.ggml.pre", "qwen2");
        metadata.Set("tokenizer.ggml.tokens", Tokens());
        metadata.Set("tokenizer.ggml.token_type", Enumerable.Range(0, VocabularySize).Select(i => i < 256 ? 1 : 3).ToArray());
        metadata.Set("tokenizer.ggml.merges", new[] { "t h" });
        metadata.Set("tokenizer.ggml.bos_token_id", (uint)EndOfText);
        metadata.Set("tokenizer.ggml.eos_token_id", (uint)TurnEnd);
        metadata.Set("tokenizer.ggml.add_bos_token", false);
        metadata.Set("tokenizer.chat_template", ChatMl);
    }

    /// <summary>GPT-2's printable stand-ins for the 256 bytes, in byte order, then the control tokens.</summary>
    public static string[] Tokens()
    {
        var tokens = new List<string>();
        int next = 256;
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            tokens.Add(((char)(printable ? b : next++)).ToString());
        }

        return [.. tokens, "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>"];
    }

    private static void AddTensors(GgufWriter writer, RandomModelShape shape, Random random)
    {
        bool gemma = shape.Architecture is "gemma2" or "gemma3",
            headNorms = shape.Architecture is "qwen3" or "gemma3", fusedGate = shape.Architecture == "phi3";
        int width = shape.Width, queries = shape.Heads * shape.HeadWidth, keys = shape.KvHeads * shape.HeadWidth;
        float scale = 1f / MathF.Sqrt(width);
        Matrix("token_embd", width, VocabularySize, gemma ? 2 * scale : 0.5f); // Gemma multiplies by √width
        Norm("output_norm", width);
        int pairs = (shape.Metadata.TryGetValue("rope.dimension_count", out object? rotated) ? Convert.ToInt32(rotated) : shape.HeadWidth) / 2;
        foreach (string factors in shape.FrequencyFactors)
            writer.Add(factors, [pairs], [.. Enumerable.Range(0, pairs).Select(_ => 1 + (3 * random.NextSingle()))]);
        if (!shape.Tied)
            Matrix("output", width, VocabularySize, scale, biased: shape.Architecture == "qwen2");
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            Norm(block + "attn_norm", width);
            if (shape.FusedHeads)
            {
                Matrix(block + "attn_qkv", width, queries + (2 * keys), scale, biased: true);
            }
            else
            {
                Matrix(block + "attn_q", width, queries, 1.5f * scale, biased: true);
                Matrix(block + "attn_k", width, keys, 1.5f * scale, biased: true);
                Matrix(block + "attn_v", width, keys, scale, biased: true);
            }

            if (headNorms)
            {
                Norm(block + "attn_q_norm", shape.HeadWidth);
                Norm(block + "attn_k_norm", shape.HeadWidth);
            }

            Matrix(block + "attn_output", queries, width, 1f / MathF.Sqrt(queries), biased: shape.Architecture == "llama");
            if (gemma)
                Norm(block + "post_attention_norm", width);
            Norm(block + "ffn_norm", width);
            if (!fusedGate)
                Matrix(block + "ffn_gate", width, shape.FeedForward, scale);
            Matrix(block + "ffn_up", width, fusedGate ? 2 * shape.FeedForward : shape.FeedForward, scale);
            Matrix(block + "ffn_down", shape.FeedForward, width, 1f / MathF.Sqrt(shape.FeedForward));
            if (gemma)
                Norm(block + "post_ffw_norm", width, 0.5f);
        }

        void Matrix(string name, int columns, int rows, float deviation, bool biased = false)
        {
            writer.Add(name + ".weight", [columns, rows], Normal(columns * rows, 0, deviation));
            if (biased && shape.Biases)
                writer.Add(name + ".bias", [rows], Normal(rows, 0, 0.3f));
        }

        void Norm(string name, int count, float mean = 1) => writer.Add(name + ".weight", [count], Normal(count, mean, 0.1f));
        float[] Normal(int count, float mean, float deviation) =>
            [.. Enumerable.Range(0, count).Select(_ =>
                mean + (deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))))];
    }
}
