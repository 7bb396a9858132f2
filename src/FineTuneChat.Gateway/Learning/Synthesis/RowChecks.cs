using FineTuneChat.Gateway.Documents.Search;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>
/// Checks rows: a question that does not find its passage asks for something else or for too little, an answer that the passage does not say was made up, and
/// what the model answers by itself need not be learned.
/// </summary>
internal sealed class RowChecks(DocumentSearch search, RowModels models)
{
    private const int Found = 5; // passages, as a chat is given

    /// <summary>The rows of a passage that are new and can be rows, each with what the checks find.</summary>
    /// <param name="assistant">Who is to learn them.</param>
    /// <param name="store">The collection.</param>
    /// <param name="passage">What they were written of.</param>
    /// <param name="rows">As they were written.</param>
    /// <param name="questions">That are asked already; these are added.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<PassageResult> CheckAsync(
        Assistant assistant, string store, SourcePassage passage, IReadOnlyList<WrittenRow> rows, HashSet<DedupKey> questions, CancellationToken cancellation)
    {
        WrittenRow[] usable = [.. rows.Where(RowRules.IsUsable)];
        WrittenRow[] fresh = [.. usable.DistinctBy(row => DedupKey.OfQuestion(row.Answer)).Where(row => questions.Add(DedupKey.OfQuestion(row.Question)))];
        var found = new List<CheckedRow>();
        foreach (WrittenRow row in fresh)
            found.Add(await CheckAsync(assistant, store, passage, row, cancellation));
        return new(found, usable.Length - fresh.Length, rows.Count - usable.Length + (rows.Count == 0 ? 1 : 0));
    }

    private async Task<CheckedRow> CheckAsync(Assistant assistant, string store, SourcePassage passage, WrittenRow row, CancellationToken cancellation)
    {
        var flags = new List<string>();
        if (!RowRules.IsGrounded(row, passage.Text))
            flags.Add(RowFlags.NotInPassage);
        IReadOnlyList<FoundPassage> found = await search.FindAsync([store], row.Question, Found, filter: null, threshold: 0, cancellation);
        if (!found.Any(other => other.Text.Contains(passage.Text, StringComparison.Ordinal))) // a found one may have its neighbours with it
            flags.Add(RowFlags.NotFound);
        string? reply = flags.Count > 0 ? null : await models.AskAsync(assistant, row.Question, cancellation); // what is left out costs no question
        if (reply is not null && RowRules.IsKnown(row, reply))
            flags.Add(RowFlags.Known);
        return new(row, string.IsNullOrWhiteSpace(reply) ? null : reply, flags);
    }
}
