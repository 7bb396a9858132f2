using System.Data.Common;
using Dapper;
using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>Examples by the import that they came with.</summary>
internal sealed class ImportStore(Database database, TimeProvider time)
{
    private const string Select =
        """
        SELECT import_id AS id, MIN(rtrim(rtrim(origin, '0123456789'), ':')) AS file, COUNT(*) AS examples,
               COUNT(*) FILTER (WHERE status = 'accepted') AS accepted, COUNT(*) FILTER (WHERE status = 'excluded') AS excluded,
               MIN(created_at) / 1000 AS created_at
        FROM examples WHERE assistant = @assistant AND import_id IS NOT NULL
        """;

    /// <summary>All imports of which an example is left, newest first.</summary>
    public IReadOnlyList<ImportSummary> List(string assistant) => database.Read(c =>
        c.Query<ImportSummary>($"{Select} GROUP BY import_id ORDER BY MIN(created_at) DESC, import_id DESC", new { assistant }).ToArray());

    /// <summary>
    /// Keeps every accepted example of an import aside, or accepts those that are: all but the ones with flags, which are to be looked at one by one.
    /// Null when there is no such import.
    /// </summary>
    public Task<ImportSummary?> ChangeAsync(string assistant, string id, string status) => database.WriteAsync(connection =>
    {
        connection.Execute(
            status == ExampleStatus.Excluded
                ? "UPDATE examples SET status = 'excluded', updated_at = @now WHERE assistant = @assistant AND import_id = @id AND status = 'accepted'"
                : """
                  UPDATE examples SET status = 'accepted', updated_at = @now
                  WHERE assistant = @assistant AND import_id = @id AND status = 'excluded' AND flags = '[]'
                  """,
            new { assistant, id, now = time.GetUtcNow().ToUnixTimeMilliseconds() });
        return Find(connection, assistant, id);
    });

    public static ImportSummary? Find(DbConnection connection, string assistant, string id) =>
        connection.QueryFirstOrDefault<ImportSummary>($"{Select} AND import_id = @id GROUP BY import_id", new { assistant, id });
}

/// <summary>What was imported at once. <c>created_at</c> in Unix seconds.</summary>
internal sealed record ImportSummary
{
    public required string Id { get; init; }
    public string Object => "dataset.import";
    public required string File { get; init; }

    /// <summary>Examples of it that are left, whatever their status.</summary>
    public required long Examples { get; init; }
    public required long Accepted { get; init; }

    /// <summary>Kept aside.</summary>
    public required long Excluded { get; init; }
    public required long CreatedAt { get; init; }
}
