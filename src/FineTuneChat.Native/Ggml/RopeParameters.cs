namespace FineTuneChat.Native.Ggml;

/// <summary>Which dimensions a rotation pairs.</summary>
public enum RopeMode
{
    /// <summary>Neighbours (0,1), (2,3), …: Llama's GGUF files.</summary>
    Normal = 0,

    /// <summary>Halves (0,n/2), (1,n/2+1), …: GPT-NeoX, Qwen, Gemma, Phi.</summary>
    NeoX = 2,
}

/// <summary>Parameters of rotary position embedding, as llama.cpp's <c>ggml_rope_ext</c> takes them.</summary>
/// <param name="Dimensions">Rotated dimensions of each head, even.</param>
/// <param name="Mode">Pairing.</param>
/// <param name="FrequencyBase">θ; 10,000 in the paper.</param>
public sealed record RopeParameters(int Dimensions, RopeMode Mode, float FrequencyBase)
{
    /// <summary>1 / linear scaling factor; 1 = none.</summary>
    public float FrequencyScale { get; init; } = 1;

    /// <summary>Context the model was trained with, for YaRN; 0 when unused.</summary>
    public int OriginalContext { get; init; }

    /// <summary>YaRN's mix of extrapolation, 0 = off.</summary>
    public float ExtFactor { get; init; }

    /// <summary>Factor on the magnitude; 1 = none.</summary>
    public float AttnFactor { get; init; } = 1;

    /// <summary>YaRN's fast limit.</summary>
    public float BetaFast { get; init; } = 32;

    /// <summary>YaRN's slow limit.</summary>
    public float BetaSlow { get; init; } = 1;

    /// <summary>F32 [dimensions / 2] divisors of the frequencies (Llama 3's <c>rope_freqs.weight</c>), or none.</summary>
    public Tensor FrequencyFactors { get; init; }
}
