using FineTuneChat.Gguf;

namespace FineTuneChat.Training.Graphs;

/// <summary>The tensors of a decoder: their names, their sizes, and whether a file can do without.</summary>
internal static class DecoderTensors
{
    /// <summary>Types that matrices may be stored in. All but the first become floats inside the product.</summary>
    public static IReadOnlyList<GgmlType> MatrixTypes { get; } =
    [
        GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1,
        GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.IQ1_S, GgmlType.IQ1_M, GgmlType.IQ2_XXS, GgmlType.IQ2_XS,
        GgmlType.IQ2_S, GgmlType.IQ3_XXS, GgmlType.IQ3_S, GgmlType.IQ4_XS, GgmlType.IQ4_NL, GgmlType.TQ1_0, GgmlType.TQ2_0, GgmlType.MXFP4,
    ];

    /// <summary>Refuses a file that lacks a tensor, or has one that the graph would leave out: its results would be another model's.</summary>
    /// <exception cref="NotSupportedException">It has a tensor that the graph has no place for, or of a type that cannot be trained on.</exception>
    /// <exception cref="GgufException">It lacks a tensor, or one has the wrong size.</exception>
    public static void Check(DecoderShape shape, GgufFile file)
    {
        var missing = new Dictionary<string, (long[] Size, bool Needed)>(StringComparer.Ordinal);
        foreach (var (name, size, needed) in Of(shape, fusedHeads: layer => file.Find($"blk.{layer}.attn_qkv.weight") != null))
            missing[name] = (size, needed);
        foreach (GgufTensorInfo tensor in file.Tensors)
        {
            if (!missing.Remove(tensor.Name, out var expected))
                throw new NotSupportedException(
                    $"{file.Path}: training is not supported for variants of '{shape.Architecture.Name}' with a tensor '{tensor.Name}' "
                    + "(a mixture of experts, a classifier …).");
            if (!tensor.Shape.SequenceEqual(expected.Size))
                throw new GgufException(
                    file.Path, tensor.Offset,
                    $"tensor '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}]; its metadata ask for [{string.Join(", ", expected.Size)}]");
            IReadOnlyList<GgmlType> types = expected.Size.Length == 1 ? [GgmlType.F32] : MatrixTypes;
            if (!types.Contains(tensor.Type))
                throw new NotSupportedException(
                    $"{file.Path}: tensor '{tensor.Name}' is stored as {tensor.Type}; training needs {string.Join(", ", types)} there.");
        }

        if (missing.FirstOrDefault(m => m.Value.Needed) is { Key: { } lacking })
            throw new GgufException(file.Path, 0, $"it has no tensor '{lacking}'");
    }

    /// <summary>All tensors that a model of the shape has or may have.</summary>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="fusedHeads">Whether a layer holds queries, keys and values as one matrix.</param>
    public static IEnumerable<(string Name, long[] Size, bool Needed)> Of(DecoderShape shape, Func<int, bool> fusedHeads)
    {
        Architecture architecture = shape.Architecture;
        yield return ("token_embd.weight", [shape.Width, shape.Vocabulary], true);
        yield return ("output_norm.weight", [shape.Width], true);
        if (!shape.TiedHead)
        {
            foreach (var tensor in Linear("output", shape.Width, shape.Vocabulary))
                yield return tensor;
        }

        if (architecture.FrequencyFactors)
        {
            foreach (string name in new[] { "rope_freqs", "rope_factors_long", "rope_factors_short" })
                yield return (name + ".weight", [shape.Rope.Dimensions / 2], false);
        }

        foreach (var tensor in Enumerable.Range(0, shape.Layers).SelectMany(layer => Block($"blk.{layer}.", fusedHeads(layer))))
            yield return tensor;

        IEnumerable<(string, long[], bool)> Block(string block, bool fused)
        {
            long queries = (long)shape.Heads * shape.HeadWidth, keys = (long)shape.KvHeads * shape.HeadWidth;
            string[] heads = fused ? ["attn_qkv"] : ["attn_q", "attn_k", "attn_v"];
            long[] rows = fused ? [queries + (2 * keys)] : [queries, keys, keys];
            IEnumerable<(string, long[], bool)>[] parts =
            [
                Norm("attn_norm", shape.Width, true),
                .. heads.Select((name, i) => Linear(block + name, shape.Width, rows[i])),
                Norm("attn_q_norm", shape.HeadWidth, architecture.QueryKeyNorm),
                Norm("attn_k_norm", shape.HeadWidth, architecture.QueryKeyNorm),
                Linear(block + "attn_output", queries, shape.Width),
                Norm("post_attention_norm", shape.Width, architecture.PostNorms),
                Norm("ffn_norm", shape.Width, true),
                architecture.FusedGateUp ? [] : Linear(block + "ffn_gate", shape.Width, shape.FeedForward),
                Linear(block + "ffn_up", shape.Width, architecture.FusedGateUp ? 2L * shape.FeedForward : shape.FeedForward),
                Linear(block + "ffn_down", shape.FeedForward, shape.Width),
                Norm("post_ffw_norm", shape.Width, architecture.PostNorms),
            ];
            return parts.SelectMany(part => part);

            IEnumerable<(string, long[], bool)> Norm(string name, long size, bool exists) => exists ? [(block + name + ".weight", [size], true)] : [];
        }

        IEnumerable<(string, long[], bool)> Linear(string name, long input, long output)
        {
            yield return (name + ".weight", [input, output], true);
            string layer = name[(name.LastIndexOf('.') + 1)..];
            if (layer is "attn_q" or "attn_k" or "attn_v" or "attn_qkv" || architecture.Biases.Contains(layer))
                yield return (name + ".bias", [output], false);
        }
    }
}
