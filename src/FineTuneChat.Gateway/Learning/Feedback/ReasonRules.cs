namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>What the reasons of a thumb down say about pairs: a pair must not teach the opposite of what was complained about. Pure.</summary>
internal static class ReasonRules
{
    private const double MuchShorter = 0.8; // of the reply's length, at most

    /// <summary>
    /// Whether a reply may be preferred to one with these reasons: to one that is too long only a shorter one, to one in the wrong language only one that is
    /// not in that language, as far as that can be told.
    /// </summary>
    public static bool Allow(IReadOnlyCollection<string> reasons, string? chosen, string? rejected)
    {
        if (reasons.Contains(Reasons.TooLong) && Length(chosen) >= Length(rejected))
            return false;
        return !reasons.Contains(Reasons.WrongLanguage) || ReplyLanguage.Of(chosen) is not { } language || language != ReplyLanguage.Of(rejected);
    }

    /// <summary>
    /// Of the replies to a question that nobody has rated, the one that is preferred to a reply whose only fault is its length: shorter, and of those the
    /// longest, so that length is what tells them apart. Null: there is none.
    /// </summary>
    public static Sibling? Shorter(Sibling tooLong, IEnumerable<Sibling> siblings) => tooLong.Complaints is not [Reasons.TooLong]
        ? null
        : siblings.Where(s => s is { Rating: null, IsWhole: true } && Length(s.Text) > 0 && Length(s.Text) <= MuchShorter * Length(tooLong.Text))
            .MaxBy(s => Length(s.Text));

    private static int Length(string? text) => (text ?? "").Trim().Length;
}
