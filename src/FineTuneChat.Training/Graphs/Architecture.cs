using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Graphs.Architectures;

namespace FineTuneChat.Training.Graphs;

/// <summary>What is between the feed-forward layer's first two matrices and its last.</summary>
public enum Activation
{
    /// <summary>silu(gate) ∘ up.</summary>
    SwiGlu,

    /// <summary>gelu(gate) ∘ up.</summary>
    GeGlu,
}

/// <summary>
/// How the models of an architecture differ from the plain decoder; each is described by one file in the folder Architectures.
/// Numbers that a file may name are the defaults for files that do not.
/// </summary>
/// <param name="Name"><c>general.architecture</c>.</param>
public sealed record Architecture(string Name)
{
    /// <summary>Those that can be trained.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
        [Llama.Description, Qwen2.Description, Qwen3.Description, SmolLm3.Description, Phi3.Description, Gemma2.Description, Gemma3.Description];

    /// <summary>Which dimensions a rotation pairs.</summary>
    public RopeMode RopeMode { get; init; } = RopeMode.Normal;

    /// <summary>Every n-th layer has no rotary embedding; 0 = all have.</summary>
    public int UnrotatedEvery { get; init; }

    /// <summary>Whether files may hold divisors of the rope's frequencies.</summary>
    public bool FrequencyFactors { get; init; }

    /// <summary>Linear layers that may have a bias, beside queries, keys and values.</summary>
    public IReadOnlyList<string> Biases { get; init; } = [];

    /// <summary>Whether each head's queries and keys are normed before their rotation.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether attention and feed-forward layer are normed once more before they are added to the stream.</summary>
    public bool PostNorms { get; init; }

    /// <summary>Whether <c>ffn_up</c> holds the gate's rows, too, before its own.</summary>
    public bool FusedGateUp { get; init; }

    /// <summary>The feed-forward layer's activation.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether embeddings are multiplied by √width.</summary>
    public bool ScaledEmbedding { get; init; }

    /// <summary>Layers that see only the last tokens, null = there are none.</summary>
    public SlidingWindow? SlidingWindow { get; init; }

    /// <summary>Soft cap of attention scores, null = there is none.</summary>
    public float? AttentionCap { get; init; }

    /// <summary>Soft cap of logits, null = there is none.</summary>
    public float? LogitCap { get; init; }

    /// <summary>Number of layers of the one size whose attention scale is 1/√(width / heads), not 1/√headWidth; 0 = none.</summary>
    public int LayersScaledByWidth { get; init; }

    /// <summary>The description of an architecture, null when it cannot be trained.</summary>
    /// <param name="name"><c>general.architecture</c>.</param>
    public static Architecture? Find(string name) => All.FirstOrDefault(a => a.Name == name);
}
