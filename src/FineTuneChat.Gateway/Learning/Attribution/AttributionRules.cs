using FineTuneChat.Gateway.Learning.Recall;

namespace FineTuneChat.Gateway.Learning.Attribution;

/// <summary>An example that a version was taught, as it is compared with a reply.</summary>
/// <param name="Id">Of the example.</param>
/// <param name="Question">What it was asked.</param>
/// <param name="Reply">What it teaches.</param>
internal sealed record TaughtText(string Id, string Question, string Reply);

/// <summary>
/// Which of the examples that a version was taught a reply comes from, by the words that question and reply share with theirs: a guess, as the weights are not
/// looked into. Pure.
/// </summary>
internal static class AttributionRules
{
    private const int Most = 3;
    private const double LeastScore = 0.4, LeastReply = 0.3;

    /// <summary>The likeliest ones, best first, with scores from 0 to 1; none where the reply shares too little with any.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="reply">What was answered.</param>
    /// <param name="taught">What the version was taught.</param>
    public static IReadOnlyList<(TaughtText Example, double Score)> Rank(string question, string reply, IReadOnlyList<TaughtText> taught)
    {
        (TaughtText Example, IReadOnlySet<string> Question, IReadOnlySet<string> Reply)[] known =
            [.. taught.Select(example => (example, TermsOf(example.Question), TermsOf(example.Reply)))];
        TermWeights questions = Weights([.. known.Select(k => k.Question)]), replies = Weights([.. known.Select(k => k.Reply)]);
        IReadOnlySet<string> asked = TermsOf(question), answered = TermsOf(reply);
        return
        [
            .. known.Select(k => (k.Example, Asked: questions.Cosine(asked, k.Question), Answered: replies.Cosine(answered, k.Reply)))
                .Select(k => (k.Example, k.Answered, Score: (k.Asked + k.Answered) / 2))
                .Where(k => k.Score >= LeastScore && k.Answered >= LeastReply)
                .OrderByDescending(k => k.Score).Take(Most).Select(k => (k.Example, k.Score)),
        ];
    }

    private static IReadOnlySet<string> TermsOf(string text) => QuestionTerms.Of(text).All.ToHashSet();

    private static TermWeights Weights(IReadOnlyList<IReadOnlySet<string>> texts)
    {
        Dictionary<string, int> frequencies = texts.SelectMany(terms => terms).CountBy(term => term).ToDictionary();
        return new TermWeights(texts.Count, term => frequencies.GetValueOrDefault(term));
    }
}
