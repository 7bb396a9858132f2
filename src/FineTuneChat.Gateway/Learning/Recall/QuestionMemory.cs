using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>One person's corrected questions to one assistant; those with the same names and numbers, spoken by the same, are compared. Immutable.</summary>
internal sealed class QuestionMemory
{
    private readonly HashSet<string> _names;
    private readonly ILookup<DedupKey, Recallable> _byKey;
    private readonly Dictionary<string, AlikeQuestions> _byNames;

    public QuestionMemory(IReadOnlyCollection<Recallable> rows)
    {
        _names = [.. rows.SelectMany(row => QuestionTerms.NamesIn(row.Question))];
        (Recallable Row, QuestionTerms Terms)[] known = [.. rows.Select(row => (row, QuestionTerms.Of(row.Question, _names)))];
        Dictionary<string, int> frequencies = known.SelectMany(k => k.Terms.Stems).CountBy(stem => stem).ToDictionary();
        var weights = new TermWeights(known.Length, stem => frequencies.GetValueOrDefault(stem));
        _byKey = known.ToLookup(k => k.Terms.Key, k => k.Row);
        _byNames = known.GroupBy(k => k.Terms.About).ToDictionary(of => of.Key, of => new AlikeQuestions([.. of], weights));
    }

    /// <summary>As <see cref="RecallIndex.Find"/>.</summary>
    public IReadOnlyList<Recallable> Find(string question, float[]? vector)
    {
        QuestionTerms terms = QuestionTerms.Of(question, _names);
        IEnumerable<Recallable> alike = _byNames.GetValueOrDefault(terms.About)?.Find(terms, vector) ?? [];
        return [.. _byKey[terms.Key].Concat(alike).DistinctBy(row => row.Id)];
    }
}
