namespace FineTuneChat.Inference;

/// <summary>One reply to write: token ids in, text out.</summary>
public sealed record GenerationRequest
{
    /// <summary>Token ids of the prompt, at least one, fewer than the engine's context length.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>How tokens are picked.</summary>
    public SamplingParameters Sampling { get; init; } = new();

    /// <summary>Most tokens to write, at least 1; null (default) = up to the context's end.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end the reply; they are not part of it. Default: none.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];
}
