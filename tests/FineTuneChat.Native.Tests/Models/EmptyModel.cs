using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Native.Tests.Models;

/// <summary>A model of any size whose weights are all zero: the file has holes in their place, so it takes no time and no disk.</summary>
internal static class EmptyModel
{
    public static string Write(string path, RandomModelShape shape, int vocabulary)
    {
        string[] small = RandomModel.Tokens();
        var writer = new GgufWriter();
        writer.Metadata.CopyFrom(GgufFile.Open(RandomModel.Write(path, new RandomModelShape(Layers: 1, Width: 32, FeedForward: 32))).Metadata);
        foreach (var (key, value) in new[]
        {
            ("context_length", shape.Context), ("embedding_length", shape.Width), ("block_count", shape.Layers), ("feed_forward_length", shape.FeedForward),
            ("attention.head_count", shape.Heads), ("attention.head_count_kv", shape.KvHeads), ("rope.dimension_count", shape.HeadWidth),
            ("vocab_size", vocabulary),
        })
            writer.Metadata.Set($"llama.{key}", (uint)value);
        writer.Metadata.Set("tokenizer.ggml.tokens", small.Concat(Enumerable.Range(0, vocabulary - small.Length).Select(i => $"token{i}")).ToArray());
        writer.Metadata.Set("tokenizer.ggml.token_type", Enumerable.Repeat(1, vocabulary).ToArray());

        int keys = shape.KvHeads * shape.HeadWidth;
        Matrix("token_embd", shape.Width, vocabulary);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            Norm(block + "attn_norm");
            Norm(block + "ffn_norm");
            foreach (var (name, inputs, outputs) in new[]
            {
                ("attn_q", shape.Width, shape.Width), ("attn_k", shape.Width, keys), ("attn_v", shape.Width, keys), ("attn_output", shape.Width, shape.Width),
                ("ffn_gate", shape.Width, shape.FeedForward), ("ffn_up", shape.Width, shape.FeedForward), ("ffn_down", shape.FeedForward, shape.Width),
            })
                Matrix(block + name, inputs, outputs);
        }
        Norm("output_norm"); // the last: its numbers make the file as long as it must be
        writer.Save(path);
        return path;

        void Norm(string name) => writer.Add(name + ".weight", [shape.Width], new float[shape.Width]);
        void Matrix(string name, int inputs, int outputs) =>
            writer.Add(name + ".weight", GgmlType.BF16, [inputs, outputs], stream => stream.Seek((long)inputs * outputs * 2, SeekOrigin.Current));
    }
}
