using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>A reply among those to the same question. Times are Unix milliseconds.</summary>
internal sealed record Sibling
{
    public required string CompletionId { get; init; }
    public string? Text { get; init; }
    public required long CreatedAt { get; init; }
    public string? Rating { get; init; }
    public long? RatedAt { get; init; }

    /// <summary>JSON: of a thumb down.</summary>
    public string? Reasons { get; init; }

    /// <summary>It was not cut off.</summary>
    public bool IsWhole { get; init; }

    public string[] Complaints => StoredJson.Texts(Reasons);
}

/// <summary>What ratings say about replies to the same question: pure.</summary>
internal static class PreferenceRules
{
    /// <summary>
    /// One rated up is preferred to those rated down, as far as their reasons allow it, and to those without a thumb that were there to be seen when it was
    /// given. Of two rated up none is preferred, and equal texts are no choice. Where nothing else stands against a reply that is just too long, a shorter
    /// one without a thumb does.
    /// </summary>
    public static IEnumerable<(string Chosen, string Rejected)> Pairs(IReadOnlyCollection<Sibling> siblings)
    {
        (Sibling Chosen, Sibling Rejected)[] rated =
        [
            .. from chosen in siblings
               where chosen.Rating == "up"
               from rejected in siblings
               where rejected.Rating == "down" || (rejected.Rating is null && rejected.CreatedAt <= chosen.RatedAt)
               where rejected.Text?.Trim() != chosen.Text?.Trim() && ReasonRules.Allow(rejected.Complaints, chosen.Text, rejected.Text)
               select (chosen, rejected),
        ];
        IEnumerable<(Sibling Chosen, Sibling Rejected)> shorter =
            from rejected in siblings
            where rejected.Rating == "down" && rated.All(pair => pair.Rejected != rejected)
            let chosen = ReasonRules.Shorter(rejected, siblings)
            where chosen is not null
            select (chosen, rejected);
        return rated.Concat(shorter).Select(pair => (pair.Chosen.CompletionId, pair.Rejected.CompletionId));
    }
}
