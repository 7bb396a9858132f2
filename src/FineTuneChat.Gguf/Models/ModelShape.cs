namespace FineTuneChat.Gguf.Models;

/// <summary>
/// Sizes of a language model, as the header of its file states them, with llama.cpp's defaults for what it does not say: whatever llama.cpp can serve, layer by
/// layer. What training computes with is the <c>DecoderShape</c> of the trainer.
/// </summary>
public sealed record ModelShape
{
    /// <summary><c>general.architecture</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Tokens of context that the model was trained for.</summary>
    public required int TrainedContext { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Tokens of the vocabulary.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Its layers.</summary>
    public required IReadOnlyList<LayerShape> Layers { get; init; }

    /// <summary>Tokens that a token of a windowed layer sees; 0 = no layer is windowed.</summary>
    public int Window { get; init; }

    /// <summary>Whether a token sees only what came before it. False for encoders and models that write by diffusion.</summary>
    public bool IsCausal { get; init; } = true;

    /// <summary>Experts of a layer that compute for one token; 0 = there are no experts.</summary>
    public int ExpertsUsed { get; init; }

    /// <summary>Width of one expert's feed-forward layer; 0 = the file does not say.</summary>
    public int ExpertFeedForward { get; init; }

    /// <summary>Reads and checks the sizes.</summary>
    /// <param name="file">The header of a model.</param>
    /// <exception cref="GgufException">An entry is missing, of the wrong type, out of range, or contradicts another one.</exception>
    public static ModelShape Of(GgufFile file) => new ModelShapeReader(file).Read();
}
