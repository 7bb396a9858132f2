using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>A correction that may be recalled, by one wording of its question.</summary>
/// <param name="Id">Of the example.</param>
/// <param name="Question">As it was asked, or in other words.</param>
/// <param name="Owner">Whose it is; empty: of whoever sits at this machine.</param>
/// <param name="System">The system prompt under which it was asked; null: none.</param>
/// <param name="Answer">Equal for replies that say the same.</param>
internal sealed record Recallable(string Id, string Question, string Owner, string? System, DedupKey Answer);

/// <summary>Finds the correction that answers a question: by an inverted index over names and stems, rare ones count more (idf). Immutable.</summary>
internal sealed class RecallIndex
{
    /// <summary>How alike two questions must be at least: the cosine of their stems, by idf.</summary>
    private const double LeastAlike = 0.6;

    /// <summary>How much more alike than the user's own different questions are.</summary>
    private const double Margin = 0.1;

    private readonly (Recallable Row, QuestionTerms Terms)[] _rows;
    private readonly Dictionary<string, List<int>> _byTerm = [];
    private readonly ILookup<DedupKey, int> _byKey;
    private readonly TermWeights _weights;

    public RecallIndex(IEnumerable<Recallable> rows)
    {
        _rows = [.. rows.Select(row => (row, QuestionTerms.Of(row.Question)))];
        for (int i = 0; i < _rows.Length; i++)
            foreach (string term in _rows[i].Terms.All)
            {
                if (!_byTerm.TryGetValue(term, out List<int>? places))
                    _byTerm[term] = places = [];
                places.Add(i);
            }
        _weights = new TermWeights(_rows.Length, term => Places(term).Count);
        _byKey = Enumerable.Range(0, _rows.Length).ToLookup(i => _rows[i].Terms.Key);
    }

    public int Count => _rows.Length;

    /// <summary>The best ones, each example once, those that ask the very same first.</summary>
    /// <param name="question">What is asked now.</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="system">Under which system prompt; null: none. Another one makes another assistant.</param>
    public IReadOnlyList<Recallable> Find(string question, string owner, string? system = null)
    {
        QuestionTerms terms = QuestionTerms.Of(question);
        IEnumerable<(int Place, double Score)> alike = Alike(terms)
            .Where(found => found.Score >= LeastAlike && found.Score >= OtherQuestions(found.Place) + Margin).OrderByDescending(found => found.Score);
        return
        [
            .. _byKey[terms.Key].Concat(alike.Select(found => found.Place)).Select(place => _rows[place].Row)
                .Where(row => row.Owner == owner && row.System == system).DistinctBy(row => row.Id),
        ];
    }

    /// <summary>
    /// How alike a question is to the nearest one with another answer: what these two differ in matters (leave one out). The threshold is learned from the
    /// user's own corrections.
    /// </summary>
    private double OtherQuestions(int place) => Alike(_rows[place].Terms)
        .Where(found => _rows[found.Place].Row is var other && other.Id != _rows[place].Row.Id && other.Answer != _rows[place].Row.Answer)
        .Select(found => found.Score).DefaultIfEmpty(0).Max();

    /// <summary>Those with the same names, spoken by the same, with how alike they are.</summary>
    private IEnumerable<(int Place, double Score)> Alike(QuestionTerms terms)
    {
        IEnumerable<int> candidates = terms.Names.Count > 0 ? Rarest(terms.Names) : terms.Stems.SelectMany(Places).Distinct();
        foreach (int place in candidates)
        {
            QuestionTerms other = _rows[place].Terms;
            if (other.IsOurs == terms.IsOurs && other.Names.SetEquals(terms.Names))
                yield return (place, _weights.Cosine(terms.Stems, other.Stems)); // names alone are no question that could be told from another
        }
    }

    private List<int> Rarest(IReadOnlySet<string> names) => names.Select(Places).MinBy(places => places.Count)!;

    private List<int> Places(string term) => _byTerm.GetValueOrDefault(term) ?? [];
}
