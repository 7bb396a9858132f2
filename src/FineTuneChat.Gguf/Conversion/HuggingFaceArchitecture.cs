using FineTuneChat.Gguf.Conversion.Architectures;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>What is special about an architecture's files at Hugging Face; each is described by one file in the folder Architectures.</summary>
/// <param name="Name"><c>general.architecture</c> of the GGUF file.</param>
public sealed record HuggingFaceArchitecture(string Name)
{
    /// <summary>Those that can be converted.</summary>
    public static IReadOnlyList<HuggingFaceArchitecture> All { get; } =
        [Llama.Description, Qwen2.Description, Qwen3.Description, SmolLm3.Description, Phi3.Description, Gemma2.Description, Gemma3.Description];

    /// <summary>Its names in <c>config.json</c>.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>
    /// Whether rows of queries and keys lie otherwise in the GGUF file: Hugging Face rotates the halves of a head against each other; where llama.cpp rotates
    /// neighbours, the halves are dealt out alternately.
    /// </summary>
    public bool PermutesHeads { get; init; }

    /// <summary>Whether queries, keys and values are one matrix, and the feed-forward layer's gate and its other half as well.</summary>
    public bool IsFused { get; init; }

    /// <summary>Whether each head's queries and keys are normed.</summary>
    public bool HeadNorms { get; init; }

    /// <summary>Whether attention and feed-forward layer are normed once more before they are added to the stream.</summary>
    public bool PostNorms { get; init; }

    /// <summary>Whether norms are stored less one.</summary>
    public bool NormsLessOne { get; init; }

    /// <summary>Linear layers that may have a bias, by their GGUF names.</summary>
    public IReadOnlyList<string> Biases { get; init; } = [];

    /// <summary><c>hidden_act</c>, the only one that is computed.</summary>
    public string Activation { get; init; } = "silu";

    /// <summary>Whether the head is the embedding where the configuration does not say.</summary>
    public bool IsTiedByDefault { get; init; }

    /// <summary>Kinds of RoPE scaling that llama.cpp knows for it, beside "linear" and "yarn".</summary>
    public IReadOnlyList<string> RopeScalings { get; init; } = [];

    /// <summary>What the configuration may leave out.</summary>
    internal IReadOnlyDictionary<string, double> Defaults { get; init; } = new Dictionary<string, double>();

    /// <summary>Entries that only this architecture has, and refusals.</summary>
    internal Action<ModelConfig, ModelSizes, GgufMetadata> Describe { get; init; } = (_, _, _) => { };

    /// <summary>The description of an architecture, null when it cannot be converted.</summary>
    /// <param name="name"><c>general.architecture</c>.</param>
    public static HuggingFaceArchitecture? Find(string? name) => All.FirstOrDefault(a => a.Name == name);
}
