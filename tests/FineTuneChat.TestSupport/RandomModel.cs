using FineTuneChat.Native.Gguf;

namespace FineTuneChat.TestSupport;

/// <summary>Size of a random model.</summary>
public sealed record RandomModelShape(int Layers = 2, int Width = 64, int Heads = 4, int KvHeads = 2, int FeedForward = 128, bool Tied = true, int Context = 512)
{
    public int HeadWidth => Width / Heads;
}

/// <summary>
/// Writes a small Llama-architecture GGUF with random F32 weights, a vocabulary of the 256 bytes and four control tokens,
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

    private static void Describe(GgufMetadata metadata, RandomModelShape shape)
    {
        metadata.Set("general.architecture", "llama");
        metadata.Set("general.name", "random");
        metadata.Set("general.file_type", 0u);
        metadata.Set("llama.context_length", (uint)shape.Context);
        metadata.Set("llama.embedding_length", (uint)shape.Width);
        metadata.Set("llama.block_count", (uint)shape.Layers);
        metadata.Set("llama.feed_forward_length", (uint)shape.FeedForward);
        metadata.Set("llama.attention.head_count", (uint)shape.Heads);
        metadata.Set("llama.attention.head_count_kv", (uint)shape.KvHeads);
        metadata.Set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.Set("llama.rope.freq_base", 10000f);
        metadata.Set("llama.rope.dimension_count", (uint)shape.HeadWidth);
        metadata.Set("llama.vocab_size", (uint)VocabularySize);
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
    private static string[] Tokens()
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
        int width = shape.Width;
        int kvWidth = shape.KvHeads * shape.HeadWidth;
        float scale = 1f / MathF.Sqrt(width);
        Matrix("token_embd", width, VocabularySize, 0.5f);
        Norm("output_norm");
        if (!shape.Tied)
            Matrix("output", width, VocabularySize, scale);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            Norm($"blk.{layer}.attn_norm");
            Matrix($"blk.{layer}.attn_q", width, width, 1.5f * scale);
            Matrix($"blk.{layer}.attn_k", width, kvWidth, 1.5f * scale);
            Matrix($"blk.{layer}.attn_v", width, kvWidth, scale);
            Matrix($"blk.{layer}.attn_output", width, width, scale);
            Norm($"blk.{layer}.ffn_norm");
            Matrix($"blk.{layer}.ffn_gate", width, shape.FeedForward, scale);
            Matrix($"blk.{layer}.ffn_up", width, shape.FeedForward, scale);
            Matrix($"blk.{layer}.ffn_down", shape.FeedForward, width, 1f / MathF.Sqrt(shape.FeedForward));
        }

        void Matrix(string name, int columns, int rows, float deviation) =>
            writer.Add(name + ".weight", [columns, rows], Normal(columns * rows, 0, deviation));
        void Norm(string name) => writer.Add(name + ".weight", [width], Normal(width, 1, 0.1f));
        float[] Normal(int count, float mean, float deviation) =>
            [.. Enumerable.Range(0, count).Select(_ => mean + (deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))))];
    }
}
