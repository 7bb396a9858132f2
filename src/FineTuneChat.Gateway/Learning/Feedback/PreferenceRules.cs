namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>A reply among those to the same question. Times are Unix milliseconds.</summary>
internal sealed record Sibling
{
    public required string CompletionId { get; init; }
    public string? Text { get; init; }
    public required long CreatedAt { get; init; }
    public string? Rating { get; init; }
    public long? RatedAt { get; init; }
}

/// <summary>What ratings say about replies to the same question: pure.</summary>
internal static class PreferenceRules
{
    /// <summary>
    /// One rated up is preferred to those rated down, and to those without a thumb that were there to be seen when it was given. Of two rated up
    /// none is preferred, and equal texts are no choice.
    /// </summary>
    public static IEnumerable<(string Chosen, string Rejected)> Pairs(IReadOnlyCollection<Sibling> siblings) =>
        from chosen in siblings
        where chosen.Rating == "up"
        from rejected in siblings
        where rejected.Rating == "down" || (rejected.Rating is null && rejected.CreatedAt <= chosen.RatedAt)
        where rejected.Text?.Trim() != chosen.Text?.Trim()
        select (chosen.CompletionId, rejected.CompletionId);
}
