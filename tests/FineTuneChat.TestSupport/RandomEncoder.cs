using FineTuneChat.Gguf;

namespace FineTuneChat.TestSupport;

/// <summary>Writes a small encoder of BERT's kind with random weights and <see cref="RandomModel"/>'s vocabulary: an embedding model, or a reranker.</summary>
public static class RandomEncoder
{
    public const int Mean = 1, First = 2, Last = 3, Score = 4; // enum llama_pooling_type
    public const int Width = 64, Context = 256;
    private const int Layers = 2, Heads = 4, FeedForward = 128;

    /// <param name="path">Where to.</param>
    /// <param name="pooling">How it pools.</param>
    /// <param name="architecture"><c>bert</c> or <c>nomic-bert</c>.</param>
    public static string Write(string path, int pooling, string architecture = "bert")
    {
        var writer = new GgufWriter();
        var random = new Random(1);
        Describe(writer.Metadata, pooling, architecture);
        bool isNomic = architecture == "nomic-bert";
        Matrix("token_embd", Width, RandomModel.VocabularySize, biased: false);
        Matrix("token_types", Width, 2, biased: false);
        Norm("token_embd_norm");
        if (!isNomic)
            Matrix("position_embd", Width, Context, biased: false);
        if (pooling == Score)
        {
            Matrix("cls", Width, Width);
            Matrix("cls.output", Width, 1);
        }

        for (int layer = 0; layer < Layers; layer++)
        {
            string block = $"blk.{layer}.";
            if (isNomic)
                Matrix(block + "attn_qkv", Width, 3 * Width, biased: false);
            foreach (string name in isNomic ? [] : (string[])["attn_q", "attn_k", "attn_v"])
                Matrix(block + name, Width, Width);
            Matrix(block + "attn_output", Width, Width, biased: !isNomic);
            Norm(block + "attn_output_norm");
            if (isNomic)
                Matrix(block + "ffn_gate", Width, FeedForward, biased: false);
            Matrix(block + "ffn_up", Width, FeedForward, biased: !isNomic);
            Matrix(block + "ffn_down", FeedForward, Width, biased: !isNomic);
            Norm(block + "layer_output_norm");
        }

        writer.Save(path);
        return path;

        void Matrix(string name, int columns, int rows, bool biased = true)
        {
            writer.Add(name + ".weight", [columns, rows], Numbers(columns * rows, 0, 1.5f / MathF.Sqrt(columns)));
            if (biased)
                writer.Add(name + ".bias", [rows], Numbers(rows, 0, 0.2f));
        }

        void Norm(string name)
        {
            writer.Add(name + ".weight", [Width], Numbers(Width, 1, 0.1f));
            writer.Add(name + ".bias", [Width], Numbers(Width, 0, 0.1f));
        }

        float[] Numbers(int count, float mean, float deviation) =>
            [.. Enumerable.Range(0, count).Select(_ => mean + (deviation * 1.732f * ((2 * random.NextSingle()) - 1)))];
    }

    private static void Describe(GgufMetadata metadata, int pooling, string architecture)
    {
        string prefix = architecture + ".";
        metadata.Set("general.architecture", architecture);
        metadata.Set("general.name", "random encoder");
        metadata.Set("general.file_type", 0u);
        metadata.Set(prefix + "context_length", (uint)Context);
        metadata.Set(prefix + "embedding_length", (uint)Width);
        metadata.Set(prefix + "block_count", (uint)Layers);
        metadata.Set(prefix + "feed_forward_length", (uint)FeedForward);
        metadata.Set(prefix + "attention.head_count", (uint)Heads);
        metadata.Set(prefix + "attention.layer_norm_epsilon", 1e-12f);
        metadata.Set(prefix + "attention.causal", false);
        metadata.Set(prefix + "pooling_type", (uint)pooling);
        if (architecture == "nomic-bert")
            metadata.Set(prefix + "rope.freq_base", 1000f);
        metadata.Set("tokenizer.ggml.model", "gpt2");
        metadata.Set("tokenizer.ggml.pre", "qwen2");
        metadata.Set("tokenizer.ggml.tokens", RandomModel.Tokens());
        metadata.Set("tokenizer.ggml.token_type", Enumerable.Range(0, RandomModel.VocabularySize).Select(i => i < 256 ? 1 : 3).ToArray());
        metadata.Set("tokenizer.ggml.token_type_count", 2u);
        metadata.Set("tokenizer.ggml.merges", new[] { "t h" });
        metadata.Set("tokenizer.ggml.bos_token_id", (uint)RandomModel.EndOfText);
        metadata.Set("tokenizer.ggml.eos_token_id", (uint)RandomModel.TurnEnd);
        metadata.Set("tokenizer.ggml.seperator_token_id", (uint)RandomModel.TurnEnd);
        metadata.Set("tokenizer.ggml.add_bos_token", true);
        metadata.Set("tokenizer.ggml.add_eos_token", true);
    }
}
