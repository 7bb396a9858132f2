using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Rewordings;

/// <summary>The other wordings of examples' questions. They go with their example, and hold as long as its question is the same.</summary>
internal sealed class RewordingStore(Database database)
{
    /// <summary>Those of one example's question, switched on or off.</summary>
    public static IReadOnlyList<Rewording> Of(DbConnection connection, string exampleId, string? question)
    {
        if (question is null)
            return [];
        string keyWords = KeyWords.Of(question).Text;
        return
        [
            .. connection.Query<(string Text, bool Enabled)>(
                "SELECT text, enabled FROM rewordings WHERE example_id = @exampleId AND question = @question ORDER BY position", new { exampleId, question })
                .Select(r => new Rewording { Text = r.Text, Enabled = r.Enabled, KeyWords = r.Text == keyWords }),
        ];
    }

    /// <summary>By example and question, those that are switched on.</summary>
    public ILookup<(string Example, string Question), string> Enabled() => database.Read(connection => connection
        .Query<(string Example, string Question, string Text)>("SELECT example_id, question, text FROM rewordings WHERE enabled ORDER BY example_id, position")
        .ToLookup(r => (r.Example, r.Question), r => r.Text));

    /// <summary>The questions that have been reworded, by example.</summary>
    public IReadOnlySet<(string Example, string Question)> Asked() => database.Read(connection =>
        connection.Query<(string, string)>("SELECT id, reworded FROM examples WHERE reworded IS NOT NULL").ToHashSet());

    /// <summary>Puts these in place of the example's earlier ones. Nothing where the example is gone.</summary>
    public Task SetAsync(string exampleId, string question, IReadOnlyList<Rewording> wordings) => database.WriteAsync(connection =>
    {
        if (connection.Execute("UPDATE examples SET reworded = @question WHERE id = @exampleId", new { exampleId, question }) > 0)
            Replace(connection, exampleId, question, wordings);
    });

    /// <summary>The same within a transaction.</summary>
    public static void Replace(DbConnection connection, string exampleId, string question, IReadOnlyList<Rewording> wordings)
    {
        connection.Execute("DELETE FROM rewordings WHERE example_id = @exampleId", new { exampleId });
        connection.Execute(
            "INSERT INTO rewordings (example_id, position, question, text, enabled) VALUES (@exampleId, @position, @question, @Text, @Enabled)",
            wordings.Select((wording, position) => new { exampleId, position, question, wording.Text, wording.Enabled }));
    }
}
