namespace FineTuneChat.Gguf.Models;

/// <summary>Whether a model's tensors are of types that can be computed with, and of the shapes that its sizes ask for.</summary>
internal static class TensorCheck
{
    /// <summary>Types without a product: integers, doubles, and a type that only activations have.</summary>
    private static readonly HashSet<GgmlType> NoWeights = [GgmlType.I8, GgmlType.I16, GgmlType.I32, GgmlType.I64, GgmlType.F64, GgmlType.Q8_1];

    private static readonly string[] QueryNames = ["qkv.weight", "q.weight", "q_a.weight", "q_b.weight"];

    private static readonly string[] ActivationLike = ["_norm.", ".bias", "ssm_conv1d"];

    /// <summary>Decoders of llama's kind, all of whose blocks are made alike: these names have these shapes.</summary>
    private static readonly HashSet<string> PlainArchitectures = new(StringComparer.Ordinal)
    {
        "llama", "mistral3", "qwen2", "qwen3", "smollm3", "gemma", "gemma2", "gemma3", "phi3", "seed_oss", "arcee", "granite", "exaone", "internlm2", "olmo2",
    };

    public static void Require(GgufFile file, ModelShape shape)
    {
        foreach (GgufTensorInfo tensor in file.Tensors)
            RequireType(file, tensor);
        for (int i = 0; i < shape.Layers.Count && !ModelShapeReader.IsMixed(shape.Architecture); i++)
            RequireQueries(file, $"blk.{i}.attn_");
        if (!PlainArchitectures.Contains(shape.Architecture))
            return; // llama.cpp compares shapes, too, and refuses: what it does not survive are types and sizes
        RequireWhole(file, shape);
        Shapes shapes = new(file, shape);
        foreach (GgufTensorInfo tensor in file.Tensors)
        {
            if (shapes.Of(tensor.Name) is { } expected && !tensor.Shape.SequenceEqual(expected))
                throw new GgufException(
                    file.Path, tensor.Offset,
                    $"tensor '{tensor.Name}' is [{string.Join(", ", tensor.Shape)}]; the model's sizes ask for [{string.Join(", ", expected)}]");
        }
    }

    /// <summary>In many architectures queries are optional to llama.cpp's loader, though nothing can be computed without.</summary>
    private static void RequireQueries(GgufFile file, string layer)
    {
        if (file.Find(layer + "output.weight") is not null && !QueryNames.Any(name => file.Find(layer + name) is not null))
            throw new GgufException(file.Path, $"'{layer}output.weight' is there, but none of {string.Join(", ", QueryNames.Select(name => layer + name))}");
    }

    /// <summary>What else llama.cpp cannot compute without.</summary>
    private static void RequireWhole(GgufFile file, ModelShape shape)
    {
        foreach (string name in (string[])["token_embd", "output_norm"])
            Require(name);
        string[] feedForward = shape.ExpertsUsed > 0 ? [] : ["ffn_up", "ffn_down"];
        for (int i = 0; i < shape.Layers.Count; i++)
        {
            string[] attention = file.Find($"blk.{i}.attn_qkv.weight") is null ? ["attn_q", "attn_k", "attn_v"] : ["attn_qkv"];
            foreach (string name in (string[])[.. attention, "attn_output", .. feedForward])
                Require($"blk.{i}.{name}");
        }

        void Require(string name) => _ = file.Find($"{name}.weight") ?? throw new GgufException(file.Path, $"it has no tensor '{name}.weight'");
    }

    /// <summary>What is added to or multiplied with activations must be of their type.</summary>
    private static void RequireType(GgufFile file, GgufTensorInfo tensor)
    {
        bool isActivationLike = tensor.Shape.Count == 1 || ActivationLike.Any(part => tensor.Name.Contains(part, StringComparison.Ordinal));
        if (isActivationLike ? tensor.Type != GgmlType.F32 : NoWeights.Contains(tensor.Type))
            throw new GgufException(
                file.Path, tensor.Offset,
                $"tensor '{tensor.Name}' is of type {tensor.Type}; {(isActivationLike ? "F32 is" : "floats and quantised blocks are")} allowed there");
    }

    /// <summary>Expected shapes by name; null for names that are not known.</summary>
    private sealed class Shapes(GgufFile file, ModelShape shape)
    {
        private readonly bool _isGateFused = file.Find("blk.0.ffn_gate.weight") is null && shape.Architecture == "phi3";

        public long[]? Of(string name) => name.StartsWith("blk.", StringComparison.Ordinal) ? OfBlock(name) : name switch
        {
            "token_embd.weight" or "output.weight" => [shape.Width, shape.Vocabulary],
            "output_norm.weight" => [shape.Width],
            "output.bias" => [shape.Vocabulary],
            _ => null,
        };

        private long[]? OfBlock(string name)
        {
            string[] parts = name.Split('.', 3);
            if (parts.Length < 3 || !int.TryParse(parts[1], out int index) || index < 0 || index >= shape.Layers.Count)
                return null;
            LayerShape layer = shape.Layers[index];
            long width = shape.Width;
            long queries = (long)layer.Heads * layer.KeyWidth;
            long keys = (long)layer.KvHeads * layer.KeyWidth;
            long values = (long)layer.KvHeads * layer.ValueWidth;
            long up = _isGateFused ? 2L * layer.FeedForward : layer.FeedForward;
            return parts[2] switch
            {
                "attn_norm.weight" or "ffn_norm.weight" or "post_attention_norm.weight" or "post_ffw_norm.weight" => [width],
                "attn_q.weight" => [width, queries],
                "attn_k.weight" => [width, keys],
                "attn_v.weight" => [width, values],
                "attn_qkv.weight" => [width, queries + keys + values],
                "attn_q.bias" => [queries],
                "attn_k.bias" => [keys],
                "attn_v.bias" => [values],
                "attn_qkv.bias" => [queries + keys + values],
                "attn_output.weight" => [(long)layer.Heads * layer.ValueWidth, width],
                "attn_output.bias" or "ffn_down.bias" => [width],
                "ffn_gate.weight" => [width, layer.FeedForward],
                "ffn_up.weight" => [width, up],
                "ffn_down.weight" => [layer.FeedForward, width],
                _ => null,
            };
        }
    }
}
