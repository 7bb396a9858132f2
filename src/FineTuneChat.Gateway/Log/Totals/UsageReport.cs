namespace FineTuneChat.Gateway.Log.Totals;

/// <summary>What replies have taken, altogether and by the model that wrote them, those with the most replies first.</summary>
internal sealed record UsageReport
{
    public string Object => "usage";
    public required long Replies { get; init; }

    /// <summary>Of the prompts: each reply reads all that was said before it.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>That were written.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>From the request to the end of the reply.</summary>
    public required double Seconds { get; init; }
    public required IReadOnlyList<ModelUsage> Models { get; init; }

    public static UsageReport Of(IReadOnlyList<ModelUsage> models) => new()
    {
        Replies = models.Sum(model => model.Replies),
        PromptTokens = models.Sum(model => model.PromptTokens),
        CompletionTokens = models.Sum(model => model.CompletionTokens),
        Seconds = models.Sum(model => model.Seconds),
        Models = models,
    };
}

/// <summary>The share of one model.</summary>
internal sealed record ModelUsage
{
    /// <summary>As a request names it: <c>assistant@3</c>, or a local model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Of the assistant; null where another local model wrote.</summary>
    public required int? Version { get; init; }
    public required long Replies { get; init; }
    public required long PromptTokens { get; init; }
    public required long CompletionTokens { get; init; }
    public required double Seconds { get; init; }
}
