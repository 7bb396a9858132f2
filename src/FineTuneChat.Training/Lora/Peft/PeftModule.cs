using System.Globalization;
using FineTuneChat.Gguf.Conversion;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary>A linear layer by its Hugging Face name, and which rows of which weight of the GGUF file it is.</summary>
/// <param name="Path">E.g. <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="FirstRow">Its first row in the weight: fused weights hold several layers.</param>
/// <param name="Rows">Its number of rows.</param>
/// <param name="PermutedHeads">Heads whose rows lie otherwise in the GGUF file (<see cref="HeadPermutation"/>), 0 = none do.</param>
internal sealed record PeftModule(string Path, long FirstRow, long Rows, int PermutedHeads)
{
    /// <summary>The layers of a weight.</summary>
    /// <param name="weight">E.g. <c>blk.0.attn_q.weight</c>.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <returns>In the order of their rows; several where Hugging Face does not fuse what the file does.</returns>
    public static IReadOnlyList<PeftModule> Of(string weight, DecoderShape shape)
    {
        string[] parts = weight.Split('.'); // blk, layer, name, weight
        HuggingFaceArchitecture theirs = HuggingFaceArchitecture.Find(shape.Architecture.Name)!; // whatever can be trained can be converted
        long queries = (long)shape.Heads * shape.HeadWidth, keys = (long)shape.KvHeads * shape.HeadWidth;
        int queryHeads = theirs.PermutesHeads ? shape.Heads : 0, keyHeads = theirs.PermutesHeads ? shape.KvHeads : 0;
        return parts[2] switch
        {
            "attn_q" => [Module("attn_q", 0, queries, queryHeads)],
            "attn_k" => [Module("attn_k", 0, keys, keyHeads)],
            "attn_v" => [Module("attn_v", 0, keys)],
            "attn_qkv" when theirs.IsFused => [Module("attn_qkv", 0, queries + (2 * keys))],
            "attn_qkv" => [Module("attn_q", 0, queries, queryHeads), Module("attn_k", queries, keys, keyHeads), Module("attn_v", queries + keys, keys)],
            "attn_output" or "ffn_down" => [Module(parts[2], 0, shape.Width)],
            "ffn_gate" => [Module("ffn_gate", 0, shape.FeedForward)],
            "ffn_up" => [Module("ffn_up", 0, theirs.IsFused ? 2L * shape.FeedForward : shape.FeedForward)],
            _ => throw new NotSupportedException($"'{weight}' has no name among PEFT's modules."),
        };

        PeftModule Module(string part, long first, long rows, int permutedHeads = 0) =>
            new(HuggingFaceNames.Of(int.Parse(parts[1], CultureInfo.InvariantCulture), part, theirs)!, first, rows, permutedHeads);
    }

    /// <summary>Where a row of the layer lies in the weight.</summary>
    public long RowInWeight(long row) => FirstRow + (PermutedHeads == 0 ? row : new HeadPermutation(Rows / PermutedHeads).InGguf(row));
}
