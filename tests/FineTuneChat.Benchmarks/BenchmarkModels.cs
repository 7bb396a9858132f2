using System.Runtime.InteropServices;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Benchmarks;

/// <summary>
/// The models that are measured: the starter, and random weights in a real shape, in any type. They stay in <c>data/benchmarks</c>;
/// delete that to write them anew.
/// </summary>
internal sealed class BenchmarkModels
{
    /// <summary>A 0.5 B model as people use them.</summary>
    private const int Layers = 24, Width = 896, FeedForward = 4864, Heads = 14, KvHeads = 2, Vocabulary = 151_936, Context = 4096;

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "data", "benchmarks")).FullName;

    public static string Starter => Path.Combine(Repository.Root, "models", "starter", "starter-F16.gguf");

    /// <summary>The 0.5 B shape in a type; written when first asked for.</summary>
    public string HalfBillion(ModelFileType type)
    {
        string path = Path.Combine(_folder, $"half-billion-{type}.gguf"), unfinished = path + ".partial";
        if (File.Exists(path))
            return path;
        if (type == ModelFileType.BF16)
            Write(unfinished);
        else
            ModelQuantizer.Quantize(HalfBillion(ModelFileType.BF16), unfinished, type, Environment.ProcessorCount);
        File.Move(unfinished, path);
        return path;
    }

    private static void Write(string path)
    {
        var writer = new GgufWriter();
        Describe(writer.Metadata);
        int kvWidth = Width / Heads * KvHeads;
        Matrix("token_embd", Width, Vocabulary);
        Norm("output_norm");
        for (int layer = 0; layer < Layers; layer++)
        {
            string block = $"blk.{layer}.";
            Norm(block + "attn_norm");
            Norm(block + "ffn_norm");
            foreach ((string name, int inputs, int outputs) in ((string, int, int)[])
                [("attn_q", Width, Width), ("attn_k", Width, kvWidth), ("attn_v", Width, kvWidth), ("attn_output", Width, Width),
                 ("ffn_gate", Width, FeedForward), ("ffn_up", Width, FeedForward), ("ffn_down", FeedForward, Width)])
                Matrix(block + name, inputs, outputs);
        }
        writer.Save(path);

        void Norm(string name) => writer.Add(name + ".weight", [Width], [.. Enumerable.Repeat(1f, Width)]);
        void Matrix(string name, int inputs, int outputs) =>
            writer.Add(name + ".weight", GgmlType.BF16, [inputs, outputs], stream => WriteRandom(stream, (long)inputs * outputs, 1 / MathF.Sqrt(inputs), name));
    }

    private static void Describe(GgufMetadata metadata)
    {
        metadata.Set("general.architecture", "llama");
        metadata.Set("general.name", "half a billion random weights");
        metadata.Set("general.file_type", 32u);
        metadata.Set("llama.context_length", (uint)Context);
        metadata.Set("llama.embedding_length", (uint)Width);
        metadata.Set("llama.block_count", (uint)Layers);
        metadata.Set("llama.feed_forward_length", (uint)FeedForward);
        metadata.Set("llama.attention.head_count", (uint)Heads);
        metadata.Set("llama.attention.head_count_kv", (uint)KvHeads);
        metadata.Set("llama.attention.layer_norm_rms_epsilon", 1e-6f);
        metadata.Set("llama.rope.freq_base", 1_000_000f);
        metadata.Set("llama.rope.dimension_count", (uint)(Width / Heads));
        metadata.Set("llama.vocab_size", (uint)Vocabulary);
        string[] small = RandomModel.Tokens();
        metadata.Set("tokenizer.ggml.model", "gpt2");
        metadata.Set("tokenizer.ggml.pre", "qwen2");
        metadata.Set("tokenizer.ggml.tokens", small.Concat(Enumerable.Range(0, Vocabulary - small.Length).Select(i => $"token{i}")).ToArray());
        metadata.Set("tokenizer.ggml.token_type", Enumerable.Range(0, Vocabulary).Select(i => i is >= 256 and < RandomModel.VocabularySize ? 3 : 1).ToArray());
        metadata.Set("tokenizer.ggml.merges", new[] { "t h" });
        metadata.Set("tokenizer.ggml.bos_token_id", (uint)RandomModel.EndOfText);
        metadata.Set("tokenizer.ggml.eos_token_id", (uint)RandomModel.TurnEnd);
        metadata.Set("tokenizer.ggml.add_bos_token", false);
        metadata.Set("tokenizer.chat_template", RandomModel.ChatMl);
    }

    /// <summary>BF16 numbers, uniform with the deviation: their bits are the upper half of a float's.</summary>
    private static void WriteRandom(Stream stream, long count, float deviation, string name)
    {
        var random = new Random(name.Length * 7919 + (int)(count % 9973));
        var chunk = new ushort[Math.Min(count, 1 << 16)];
        for (int i = 0; i < chunk.Length; i++)
            chunk[i] = (ushort)(BitConverter.SingleToUInt32Bits(((2 * random.NextSingle()) - 1) * deviation * 1.732f) >> 16);
        for (long left = count; left > 0; left -= chunk.Length)
            stream.Write(MemoryMarshal.AsBytes(chunk.AsSpan(0, (int)Math.Min(left, chunk.Length))));
    }
}
