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

    /// <summary>Keeps the verdicts of a run; one on an example that was erased meanwhile is left out.</summary>
    public Task KeepAsync(string run, IReadOnlyList<TaughtExample> taught) => database.WriteAsync(connection =>
    {
        connection.Execute("DELETE FROM taught_examples WHERE run_id = @run", new { run });
        foreach (TaughtExample example in taught)
            connection.Execute(
                """
                INSERT INTO taught_examples (run_id, example_id, verdict, loss_before, loss_after, writes, otherwise, draws, right_draws)
                SELECT @run, id, @Verdict, @LossBefore, @LossAfter, @Writes, @Otherwise, @Draws, @RightDraws FROM examples WHERE id = @ExampleId
                """,
                new
                {
                    run,
                    example.ExampleId,
                    example.Verdict,
                    example.LossBefore,
                    example.LossAfter,
                    example.Writes,
                    example.Otherwise,
                    example.Draws,
                    example.RightDraws,
                });
    });
}
