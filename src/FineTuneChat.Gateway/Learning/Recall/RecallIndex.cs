using FineTuneChat.Gateway.Learning.Examples;

namespace FineTuneChat.Gateway.Learning.Recall;

/// <summary>A correction that may be recalled, by one wording of its question.</summary>
/// <param name="Id">Of the example.</param>
/// <param name="Question">As it was asked, or in other words.</param>
/// <param name="Owner">Whose it is; empty: of whoever sits at this machine.</param>
/// <param name="System">The system prompt under which it was asked; null: none.</param>
/// <param name="Answer">Equal for replies that say the same.</param>
/// <param name="Vector">What the question means; null: not known.</param>
internal sealed record Recallable(string Id, string Question, string Owner, string? System, DedupKey Answer, float[]? Vector = null);

/// <summary>Finds the correction that answers a question. Nobody's questions have to do with those of others. Immutable.</summary>
internal sealed class RecallIndex
{
    private readonly Dictionary<(string Owner, string? System), QuestionMemory> _memories;

    public RecallIndex(IEnumerable<Recallable> rows)
    {
        Recallable[] all = [.. rows];
        _memories = all.GroupBy(row => (row.Owner, row.System)).ToDictionary(of => of.Key, of => new QuestionMemory([.. of]));
        HasVectors = all.Any(row => row.Vector is not null);
        Unknown = [.. all.Where(row => row.Vector is null && QuestionWords.IsEnglish(row.Question)).Select(row => (row.Id, row.Question))];
    }

    /// <summary>Whether the vector of a question can find anything.</summary>
    public bool HasVectors { get; }

    /// <summary>Wordings whose meaning is not known yet.</summary>
    public IReadOnlyList<(string Id, string Question)> Unknown { get; }

    /// <summary>The best ones, each example once, those that ask the very same first.</summary>
    /// <param name="question">What is asked now.</param>
    /// <param name="owner">Who asks.</param>
    /// <param name="system">Under which system prompt; null: none. Another one makes another assistant.</param>
    /// <param name="vector">What it means; null: words alone decide.</param>
    public IReadOnlyList<Recallable> Find(string question, string owner, string? system = null, float[]? vector = null) =>
        _memories.GetValueOrDefault((owner, system))?.Find(question, vector) ?? [];
}
