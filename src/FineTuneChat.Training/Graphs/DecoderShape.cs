using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Gguf;

namespace FineTuneChat.Training.Graphs;

/// <summary>Sizes and constants of a decoder-only transformer, as its GGUF file states them.</summary>
public sealed record DecoderShape
{
    /// <summary>Architectures whose training graph exists.</summary>
    public static IReadOnlyList<string> Supported { get; } = ["llama"];

    /// <summary><c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Transformer blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; a divisor of <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Width of one head.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int FeedForward { get; init; }

    /// <summary>Tokens in the vocabulary.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Tokens of context the model was made for.</summary>
    public required int Context { get; init; }

    /// <summary>ε of the norms.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Rotary embedding.</summary>
    public required RopeParameters Rope { get; init; }

    /// <summary>Whether the head is the embedding table.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Reads the shape of a model.</summary>
    /// <param name="file">The header of its file.</param>
    /// <exception cref="NotSupportedException">Its architecture, or a variant of it, has no training graph; the message lists what has.</exception>
    /// <exception cref="GgufException">A needed entry is missing or out of range.</exception>
    public static DecoderShape FromGguf(GgufFile file)
    {
        string architecture = file.Architecture ?? throw new GgufException(file.Path, 0, "general.architecture is missing");
        if (!Supported.Contains(architecture))
            throw new NotSupportedException($"{file.Path}: training models of architecture '{architecture}' is not supported. Supported: {string.Join(", ", Supported)}.");
        if (file.Metadata.Text("llama.rope.scaling.type") is { } scaling and not "none")
            throw new NotSupportedException($"{file.Path}: training with rope scaling '{scaling}' is not supported.");
        if (file.Find("blk.0.attn_q.bias") != null || file.Find("blk.0.ffn_gate_exps.weight") != null)
            throw new NotSupportedException($"{file.Path}: attention biases and mixtures of experts are not supported in training.");

        int width = Positive("embedding_length"), heads = Positive("attention.head_count");
        int headWidth = (int)(Integer("attention.key_length") ?? width / heads);
        GgufTensorInfo embedding = file.Find("token_embd.weight") ?? throw new GgufException(file.Path, 0, "it has no tensor 'token_embd.weight'");
        var shape = new DecoderShape
        {
            Architecture = architecture,
            Layers = Positive("block_count"),
            Width = width,
            Heads = heads,
            KvHeads = (int)(Integer("attention.head_count_kv") ?? heads),
            HeadWidth = headWidth,
            FeedForward = Positive("feed_forward_length"),
            Vocabulary = (int)embedding.Dimension(1),
            Context = Positive("context_length"),
            NormEpsilon = (float)(Number("attention.layer_norm_rms_epsilon") ?? 1e-5),
            Rope = new RopeParameters((int)(Integer("rope.dimension_count") ?? headWidth), RopeMode.Normal, (float)(Number("rope.freq_base") ?? 10_000)),
            TiedHead = file.Find("output.weight") == null,
        };
        if (shape.KvHeads < 1 || shape.Heads % shape.KvHeads != 0)
            throw new GgufException(file.Path, 0, $"{shape.Heads} heads cannot share {shape.KvHeads} key-value heads");
        return shape;

        long? Integer(string key) => file.Metadata.Integer($"{architecture}.{key}");
        double? Number(string key) => file.Metadata.Number($"{architecture}.{key}");
        int Positive(string key) => Integer(key) is > 0 and <= 1 << 24 and var value
            ? (int)value
            : throw new GgufException(file.Path, 0, $"{architecture}.{key} is {Integer(key)?.ToString() ?? "missing"}; a positive number is needed");
    }
}
