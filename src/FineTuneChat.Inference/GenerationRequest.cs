using FineTuneChat.Inference.Running;

namespace FineTuneChat.Inference;

/// <summary>What to write: token ids in, text out.</summary>
public sealed record GenerationRequest
{
    /// <summary>Token ids of the prompt, at least one, fewer than the engine's context length.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>The adapter that writes it; null (default) = the model alone.</summary>
    public Adapter? Adapter { get; init; }

    /// <summary>How tokens are picked.</summary>
    public SamplingParameters Sampling { get; init; } = new();

    /// <summary>Number of replies to write, each with its own randomness, at least 1. They share the prompt. Default: 1.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Tell how likely each token was, and this many of the likeliest at its place; null (default) = do not.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Share what the cache holds of the prompt already. Off, every token is computed anew. Default: true.</summary>
    public bool ReusePrefix { get; init; } = true;

    /// <summary>
    /// Whose prompts it may share. <see cref="GenerationSummary.CachedTokens"/> tells how a prompt begins that was computed before: so
    /// prompts are shared among requests of the same scope only. Default: one scope for all.
    /// </summary>
    public string CacheScope { get; init; } = "";

    /// <summary>Who asks: places in the batch and in the queue are shared out among clients. Default: one client for all.</summary>
    public string Client { get; init; } = "";

    /// <summary>Most tokens to write, at least 1; null (default) = up to the context's end.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end the reply; they are not part of it. Default: none.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Token ids that much of the reply may consist of, in their order: guesses go by them, too. Default: none.</summary>
    public IReadOnlyList<int> Predicted { get; init; } = [];

    /// <summary>Most tokens to guess and compute ahead at a time; 0 = none. Default: as many as the engine sees fit.</summary>
    public int MostDrafted { get; init; } = int.MaxValue;
}
