namespace FineTuneChat.Protocol.OpenAi;

/// <summary>Token counts of a reply.</summary>
internal sealed record Usage
{
    public required int PromptTokens { get; init; }
    public required int CompletionTokens { get; init; }
    public required int TotalTokens { get; init; }
    public PromptTokensDetails? PromptTokensDetails { get; init; }
    public CompletionTokensDetails? CompletionTokensDetails { get; init; }

    public static Usage Of(int promptTokens, int cachedTokens, int completionTokens, CompletionTokensDetails? details = null) => new()
    {
        PromptTokens = promptTokens,
        CompletionTokens = completionTokens,
        TotalTokens = promptTokens + completionTokens,
        PromptTokensDetails = new() { CachedTokens = cachedTokens },
        CompletionTokensDetails = details ?? new(),
    };
}

internal sealed record PromptTokensDetails
{
    /// <summary>Prompt tokens whose keys and values were reused.</summary>
    public int CachedTokens { get; init; }
    public int AudioTokens { get; init; }
}

internal sealed record CompletionTokensDetails
{
    /// <summary>Part of the completion's tokens: what was thought before the answer.</summary>
    public int ReasoningTokens { get; init; }
    public int AudioTokens { get; init; }

    /// <summary>Tokens of the request's <c>prediction</c> that were tried and are in the reply.</summary>
    public int AcceptedPredictionTokens { get; init; }

    /// <summary>Those that were tried in vain.</summary>
    public int RejectedPredictionTokens { get; init; }
}

/// <summary>llama-server's timing block: reused prompt tokens, computed prompt tokens, generated tokens.</summary>
internal sealed record Timings
{
    public required int CacheN { get; init; }
    public required int PromptN { get; init; }
    public required double PromptMs { get; init; }
    public required double PromptPerSecond { get; init; }
    public required int PredictedN { get; init; }
    public required double PredictedMs { get; init; }
    public required double PredictedPerSecond { get; init; }

    /// <summary>Tokens that were guessed and computed ahead; absent where there were none.</summary>
    public int? DraftN { get; init; }

    /// <summary>Those of them that were right.</summary>
    public int? DraftNAccepted { get; init; }
}
