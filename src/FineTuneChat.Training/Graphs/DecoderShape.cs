using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Graphs;

/// <summary>
/// What a training graph is built from: sizes and constants of a decoder-only transformer whose layers are all alike. It stands beside
/// <see cref="Gguf.Models.ModelShape"/>, which describes every model that llama.cpp can serve, layer by layer, as far as the memory that it takes depends on
/// it; a model that has no training graph has no such shape.
/// </summary>
public sealed record DecoderShape
{
    /// <summary>Architectures whose training graph exists.</summary>
    public static IReadOnlyList<string> Supported { get; } = [.. Architecture.All.Select(a => a.Name)];

    /// <summary>What is special about the architecture.</summary>
    public required Architecture Architecture { get; init; }

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

    /// <summary>Name of the tensor with divisors of the rope's frequencies, null when there is none.</summary>
    public string? FrequencyFactors { get; init; }

    /// <summary>Whether the head is the embedding table.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Factor on attention scores; default 1/√<see cref="HeadWidth"/>.</summary>
    public float AttentionScale
    {
        get => field > 0 ? field : 1f / MathF.Sqrt(HeadWidth);
        init;
    }

    /// <summary>Soft cap of attention scores, 0 = none.</summary>
    public float AttentionCap { get; init; }

    /// <summary>Soft cap of logits, 0 = none.</summary>
    public float LogitCap { get; init; }

    /// <summary>Tokens that a token of a windowed layer sees, 0 = there are no such layers.</summary>
    public int Window { get; init; }

    /// <summary>Every n-th layer is not windowed; 0 = every layer is.</summary>
    public int WindowPeriod { get; init; }

    /// <summary>Rotary embedding of windowed layers, null = that of all.</summary>
    public RopeParameters? WindowRope { get; init; }

    /// <summary>Reads the shape of a model and checks that its tensors are those of the architecture.</summary>
    /// <param name="file">The header of its file.</param>
    /// <param name="rope">How the model is served where that is not as its file says; null: it is.</param>
    /// <exception cref="NotSupportedException">Its architecture, or a variant of it, has no training graph; the message lists what has.</exception>
    /// <exception cref="GgufException">A needed entry or tensor is missing or out of range.</exception>
    /// <exception cref="LlamaException">A value of <paramref name="rope"/> is out of range.</exception>
    public static DecoderShape FromGguf(GgufFile file, RopeOptions? rope = null) => new DecoderShapeReader(file, rope ?? new RopeOptions()).Read();

    /// <summary>A layer's rotary embedding, null when it has none.</summary>
    internal RopeParameters? RopeOf(int layer)
    {
        int every = Architecture.UnrotatedEvery;
        if (every > 0 && (layer + 1) % every == 0)
            return null;
        return IsWindowed(layer) ? WindowRope ?? Rope : Rope;
    }

    /// <summary>A layer's attention.</summary>
    internal AttentionParameters AttentionOf(int layer) => new(AttentionScale, IsWindowed(layer) ? Window : 0, AttentionCap);

    private bool IsWindowed(int layer) => Window > 0 && (WindowPeriod == 0 || layer % WindowPeriod < WindowPeriod - 1);
}
