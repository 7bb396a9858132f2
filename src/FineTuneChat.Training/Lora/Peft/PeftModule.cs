using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary>A linear layer by its Hugging Face name, and which rows of which weight of the GGUF file it is.</summary>
/// <param name="Path">E.g. <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="FirstRow">Its first row in the weight: fused weights hold several layers.</param>
/// <param name="Rows">Its number of rows.</param>
/// <param name="PermutedHeads">
/// Heads whose rows lie otherwise in the GGUF file, 0 = none do. Hugging Face rotates the halves of a head against each other; where llama.cpp rotates
/// neighbours, the conversion to GGUF has dealt the halves out alternately.
/// </param>
internal sealed record PeftModule(string Path, long FirstRow, long Rows, int PermutedHeads)
{
    /// <summary>The layers of a weight.</summary>
    /// <param name="weight">E.g. <c>blk.0.attn_q.weight</c>.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <returns>In the order of their rows; several where Hugging Face does not fuse what the file does.</returns>
    public static IReadOnlyList<PeftModule> Of(string weight, DecoderShape shape)
    {
        string[] parts = weight.Split('.'); // blk, layer, name, weight
        bool isPermuted = shape.Architecture.RopeMode == RopeMode.Normal, isFused = shape.Architecture.FusedGateUp;
        long queries = (long)shape.Heads * shape.HeadWidth, keys = (long)shape.KvHeads * shape.HeadWidth;
        int queryHeads = isPermuted ? shape.Heads : 0, keyHeads = isPermuted ? shape.KvHeads : 0;
        return parts[2] switch
        {
            "attn_q" => [Module("self_attn.q_proj", 0, queries, queryHeads)],
            "attn_k" => [Module("self_attn.k_proj", 0, keys, keyHeads)],
            "attn_v" => [Module("self_attn.v_proj", 0, keys)],
            "attn_qkv" when isFused => [Module("self_attn.qkv_proj", 0, queries + (2 * keys))],
            "attn_qkv" =>
            [
                Module("self_attn.q_proj", 0, queries, queryHeads), Module("self_attn.k_proj", queries, keys, keyHeads),
                Module("self_attn.v_proj", queries + keys, keys),
            ],
            "attn_output" => [Module("self_attn.o_proj", 0, shape.Width)],
            "ffn_gate" => [Module("mlp.gate_proj", 0, shape.FeedForward)],
            "ffn_up" when isFused => [Module("mlp.gate_up_proj", 0, 2L * shape.FeedForward)],
            "ffn_up" => [Module("mlp.up_proj", 0, shape.FeedForward)],
            "ffn_down" => [Module("mlp.down_proj", 0, shape.Width)],
            _ => throw new NotSupportedException($"'{weight}' has no name among PEFT's modules."),
        };

        PeftModule Module(string name, long first, long rows, int permutedHeads = 0) => new($"model.layers.{parts[1]}.{name}", first, rows, permutedHeads);
    }

    /// <summary>Where a row of the layer lies in the weight.</summary>
    public long RowInWeight(long row)
    {
        if (PermutedHeads == 0)
            return FirstRow + row;
        long width = Rows / PermutedHeads, head = row / width, half = row % width / (width / 2), place = row % (width / 2);
        return FirstRow + (head * width) + (2 * place) + half;
    }
}
