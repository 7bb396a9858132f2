using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Erasure;

/// <summary>What is to be deleted, seen before it is: its examples, and the runs that used them. What links these goes with the examples.</summary>
internal sealed record Trace
{
    /// <summary>Whose it is.</summary>
    public required string Assistant { get; init; }

    /// <summary>Examples that are deleted.</summary>
    public required int Examples { get; init; }

    /// <summary>Those of them that runs have used.</summary>
    public required IReadOnlyList<ErasedExample> Used { get; init; }

    /// <summary>The same with their texts.</summary>
    public required IReadOnlyList<ErasedText> Texts { get; init; }

    /// <summary>What their messages say.</summary>
    public required IReadOnlyList<string> Contents { get; init; }

    /// <summary>How many of them each run was trained on; 0 where it only measured on them.</summary>
    public required IReadOnlyDictionary<string, long> UsedBy { get; init; }

    /// <summary>Uploaded files that go with them.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    public IReadOnlyCollection<string> Runs => [.. UsedBy.Keys];

    public IReadOnlySet<string> TrainedRuns => UsedBy.Where(u => u.Value > 0).Select(u => u.Key).ToHashSet();

    /// <param name="connection">Within the transaction that deletes.</param>
    /// <param name="examples">Selects the ids of the examples.</param>
    /// <param name="id">Its parameter.</param>
    public static Trace Follow(DbConnection connection, string examples, string id)
    {
        Row[] rows = [.. connection.Query<Row>(
            $"SELECT messages, tools, source FROM examples WHERE id IN ({examples}) AND id IN (SELECT example_id FROM run_examples) ORDER BY id", new { id })];
        return new()
        {
            Assistant = connection.QueryFirstOrDefault<string>($"SELECT assistant FROM examples WHERE id IN ({examples}) LIMIT 1", new { id })
                ?? AssistantNames.Default,
            Examples = connection.ExecuteScalar<int>($"SELECT COUNT(*) FROM ({examples}) AS chosen", new { id }),
            Used = [.. rows.Select(row => new ErasedExample(row.Sha256, row.Source))],
            Texts = [.. rows.Select(row => row.ToText())],
            Contents =
            [
                .. rows.SelectMany(row => row.Parsed).Where(m => m.Role is not ("system" or "developer")).Select(m => m.Content).OfType<string>().Distinct(),
            ],
            UsedBy = connection.Query<(string Run, long Trained)>(
                $"""
                SELECT run_id, COUNT(*) FILTER (WHERE split IN ('train', 'unwanted') AND represented_by IS NULL) FROM run_examples
                WHERE example_id IN ({examples}) GROUP BY run_id
                """,
                new { id }).ToDictionary(u => u.Run, u => u.Trained),
        };
    }

    /// <summary>Notes in the same transaction what must follow, unless no run has used anything of it.</summary>
    public void Note(DbConnection connection, string erasure, string kind, DateTimeOffset now)
    {
        if (UsedBy.Count == 0)
            return;
        connection.Execute(
            "INSERT INTO forgotten (run_id, examples, created_at, erasure_id) VALUES (@Key, @Value, @now, @erasure)",
            UsedBy.Select(u => new { u.Key, u.Value, now = now.ToUnixTimeMilliseconds(), erasure }));
        var certificate = new ErasureCertificate
        {
            Id = erasure,
            Status = ErasureStatus.Pending,
            CreatedAt = now.ToUnixTimeSeconds(),
            Kind = kind,
            Examples = Used,
            HeldBy =
            [
                .. connection.Query<int>(
                    "SELECT number FROM versions WHERE run_id IN (SELECT value FROM json_each(@runs)) AND removed_at IS NULL ORDER BY number",
                    new { runs = StoredJson.Array(TrainedRuns) }),
            ],
        };
        ErasureStore.Add(connection, Assistant, certificate, TextFingerprint.Of(Contents));
    }

    private sealed class Row
    {
        public required string Messages { get; init; }
        public string? Tools { get; init; }
        public required string Source { get; init; }

        public RequestMessage[] Parsed => JsonSerializer.Deserialize(Messages, StoredJson.Messages)!;

        public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Messages)));

        public ErasedText ToText() => new(Sha256, DedupKey.Of(Parsed), ExampleRow.Of(Parsed, Tools is null ? null : JsonElement.Parse(Tools)));
    }
}
