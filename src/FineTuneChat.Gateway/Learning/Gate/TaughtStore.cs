using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>Verdicts on single examples. They hang on the examples: what is erased takes them with it.</summary>
internal sealed class TaughtStore(Database database)
{
    /// <summary>The examples that a run trained on, in the order of its rows.</summary>
    public IReadOnlyList<string> ExamplesOf(string run) => database.Read(c => c.Query<string>(
        "SELECT example_id FROM run_examples WHERE run_id = @run AND split = 'train' AND represented_by IS NULL ORDER BY example_id", new { run }).ToArray());

    /// <summary>Of the examples of a run those verdicts that another run got on the same texts, by example.</summary>
    /// <param name="run">The one whose examples are asked for.</param>
    /// <param name="before">The other; null = none.</param>
    public IReadOnlyDictionary<string, string> VerdictsBefore(string run, string? before) => database.Read(c => c.Query<(string Id, string Verdict)>(
        """
        SELECT t.example_id, t.verdict FROM taught_examples t
        JOIN run_examples was ON was.run_id = t.run_id AND was.example_id = t.example_id
        JOIN run_examples now ON now.run_id = @run AND now.example_id = t.example_id AND now.example_at = was.example_at
        WHERE t.run_id = @before
        """,
        new { run, before }).ToDictionary(row => row.Id, row => row.Verdict));

    /// <summary>Whether a run was taught nothing that another was not, and less.</summary>
    /// <param name="run">Whose candidate asks.</param>
    /// <param name="before">The other; null: the base, which was taught nothing.</param>
    public bool IsOnlyRemoval(string run, string? before) => before is not null && database.Read(c => c.ExecuteScalar<bool>(
        """
        SELECT NOT EXISTS (
            SELECT 1 FROM run_examples now WHERE run_id = @run AND split IN ('train', 'unwanted') AND NOT EXISTS (
                SELECT 1 FROM run_examples was WHERE was.run_id = @before AND was.example_id = now.example_id AND was.example_at = now.example_at))
        AND (EXISTS (SELECT 1 FROM forgotten WHERE run_id = @before AND examples > 0) OR EXISTS (
            SELECT 1 FROM run_examples was WHERE run_id = @before AND split IN ('train', 'unwanted')
            AND NOT EXISTS (SELECT 1 FROM run_examples now WHERE now.run_id = @run AND now.example_id = was.example_id)))
        """,
        new { run, before }));

    /// <summary>Removes what versions of these runs wrote when they were asked: it may repeat what was erased.</summary>
    public static void RemoveWritten(DbConnection connection, IReadOnlyCollection<string> runs) =>
        connection.Execute(
            "UPDATE taught_examples SET writes = NULL, otherwise = NULL WHERE run_id IN (SELECT value FROM json_each(@runs))",
            new { runs = StoredJson.Array(runs) });

    /// <summary>Keeps the verdicts of a run; one on an example that was erased meanwhile is left out.</summary>
    public Task KeepAsync(string run, IReadOnlyList<TaughtExample> taught) => database.WriteAsync(connection =>
    {
        connection.Execute("DELETE FROM taught_examples WHERE run_id = @run", new { run });
        foreach (TaughtExample example in taught)
            connection.Execute(
                """
                INSERT INTO taught_examples (run_id, example_id, verdict, loss_before, loss_after, writes, otherwise, draws, right_draws)
                SELECT @run, id, @Verdict, @before, @after, @Text, @Otherwise, @draws, @rightDraws FROM examples WHERE id = @ExampleId
                """,
                new
                {
                    run,
                    example.ExampleId,
                    example.Verdict,
                    before = example.Active.Loss,
                    after = example.Candidate.Loss,
                    example.Candidate.Written?.Text,
                    example.Candidate.Written?.Otherwise,
                    draws = example.Candidate.Written?.Draws ?? 0,
                    rightDraws = example.Candidate.Written?.RightDraws ?? 0,
                });
    });
}
