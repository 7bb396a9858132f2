using System.Numerics.Tensors;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>
/// Questions with the same names, compared in two ways: by their stems, of which rare ones count more (idf), and by what they mean, where a vector says so.
/// </summary>
internal sealed class AlikeQuestions
{
    /// <summary>How alike two questions must be at least: the cosine of their stems, by idf.</summary>
    private const float LeastAlike = 0.6f;

    /// <summary>The same of their vectors. Measured: docs/learning.md.</summary>
    private const float LeastClose = 0.75f;

    /// <summary>How much more alike than the user's own different questions are.</summary>
    private const float Margin = 0.1f;

    /// <summary>So many of the best ones are compared with the user's own different questions.</summary>
    private const int MostLookedAt = 4;

    private readonly (Recallable Row, QuestionTerms Terms)[] _known;
    private readonly TermWeights _weights;
    private readonly Dictionary<string, List<int>> _byStem = [];
    private readonly double[] _lengths; // squares
    private readonly float[] _vectors; // one after the other; zeros where there is none
    private readonly int _dimensions;
    private readonly float[] _otherWords, _otherMeanings; // how alike the nearest question with another answer is; NaN: not known yet

    public AlikeQuestions((Recallable Row, QuestionTerms Terms)[] known, TermWeights weights)
    {
        (_known, _weights) = (known, weights);
        _lengths = [.. known.Select(k => k.Terms.Stems.Sum(weights.Square))];
        _dimensions = known.Max(k => k.Row.Vector?.Length ?? 0);
        _vectors = new float[known.Length * _dimensions];
        (_otherWords, _otherMeanings) = (new float[known.Length], new float[known.Length]);
        Array.Fill(_otherWords, float.NaN);
        Array.Fill(_otherMeanings, float.NaN);
        foreach ((int place, (Recallable row, QuestionTerms terms)) in known.Index())
        {
            row.Vector?.CopyTo(_vectors, place * _dimensions);
            foreach (string stem in terms.Stems)
            {
                if (!_byStem.TryGetValue(stem, out List<int>? places))
                    _byStem[stem] = places = [];
                places.Add(place);
            }
        }
    }

    /// <summary>Those that ask the same, by their words, then by their meaning, the best ones first.</summary>
    public IEnumerable<Recallable> Find(QuestionTerms asked, float[]? vector)
    {
        IEnumerable<Recallable> found = Best(asked, ByWords(asked.Stems), LeastAlike, _otherWords, place => ByWords(_known[place].Terms.Stems));
        return vector?.Length != _dimensions || _dimensions == 0
            ? found
            : found.Concat(Best(asked, ByMeaning(vector), LeastClose, _otherMeanings, place => ByMeaning(_vectors.AsSpan(place * _dimensions, _dimensions))));
    }

    /// <summary>
    /// Those that are alike enough, and more so than the nearest question with another answer is to them (leave one out): what these two differ in matters. So
    /// the threshold is learned from the user's own corrections.
    /// </summary>
    private IEnumerable<Recallable> Best(QuestionTerms asked, float[] scores, float least, float[] others, Func<int, float[]> scoresOf)
    {
        int[] best =
        [
            .. Enumerable.Range(0, scores.Length).Where(place => scores[place] >= least && !Contradict(asked, place))
                .OrderByDescending(place => scores[place]).Take(MostLookedAt),
        ];
        foreach (int place in best)
        {
            if (float.IsNaN(others[place]))
                others[place] = NearestOther(place, scoresOf(place));
            if (scores[place] >= others[place] + Margin)
                yield return _known[place].Row;
        }
    }

    private float NearestOther(int place, float[] scores)
    {
        (Recallable row, QuestionTerms terms) = _known[place];
        float nearest = 0;
        for (int i = 0; i < scores.Length; i++)
            if (scores[i] > nearest && _known[i].Row is var other && other.Id != row.Id && other.Answer != row.Answer && !Contradict(terms, i))
                nearest = scores[i];
        return nearest;
    }

    private bool Contradict(QuestionTerms asked, int place) => QuestionWords.Contradict(asked.Asks, _known[place].Terms.Asks);

    /// <summary>Names alone are no question that could be told from another: without a common stem the score is 0.</summary>
    private float[] ByWords(IReadOnlySet<string> stems)
    {
        float[] scores = new float[_known.Length];
        double length = 0;
        foreach (string stem in stems)
        {
            double square = _weights.Square(stem);
            length += square;
            foreach (int place in _byStem.GetValueOrDefault(stem) ?? [])
                scores[place] += (float)square;
        }
        for (int place = 0; place < scores.Length; place++)
            if (scores[place] > 0)
                scores[place] = (float)(scores[place] / Math.Sqrt(length * _lengths[place]));
        return scores;
    }

    private float[] ByMeaning(ReadOnlySpan<float> vector)
    {
        float[] scores = new float[_known.Length];
        for (int place = 0; place < scores.Length; place++)
            scores[place] = TensorPrimitives.Dot(_vectors.AsSpan(place * _dimensions, _dimensions), vector);
        return scores;
    }
}
