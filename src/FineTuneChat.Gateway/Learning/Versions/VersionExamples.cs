using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Learning.Gate;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.Lists;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>What a version was taught, example by example.</summary>
internal sealed class VersionExamples(Database database)
{
    /// <summary>Newest first; none of the base.</summary>
    public ListPage<VersionExample> List(ModelVersion version, ListQuery page) => database.Read(connection => ListPage<VersionExample>.Of(
        [
            .. connection.Query<Row>(
                """
                SELECT e.id, e.messages, e.updated_at > re.example_at AS changed,
                       t.verdict, t.loss_before, t.loss_after, t.writes, t.otherwise, t.draws, t.right_draws
                FROM run_examples re JOIN examples e ON e.id = re.example_id
                LEFT JOIN taught_examples t ON t.run_id = re.run_id AND t.example_id = re.example_id
                WHERE re.run_id = @RunId AND re.split = 'train' AND re.represented_by IS NULL AND (@After IS NULL OR e.id < @After)
                ORDER BY e.id DESC LIMIT @limit
                """,
                new { version.RunId, page.After, limit = page.Limit + 1 }).Select(row => row.ToExample()),
        ],
        page.Limit, e => e.Id));

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Messages { get; init; }
        public required bool Changed { get; init; }
        public string? Verdict { get; init; }
        public double? LossBefore { get; init; }
        public double? LossAfter { get; init; }
        public string? Writes { get; init; }
        public string? Otherwise { get; init; }
        public int? Draws { get; init; }
        public int? RightDraws { get; init; }

        public VersionExample ToExample() => new()
        {
            Id = Id,
            Messages = JsonElement.Parse(Messages),
            Changed = Changed,
            Verdict = Verdict,
            LossBefore = LossBefore,
            LossAfter = LossAfter,
            Writes = Writes,
            Otherwise = Otherwise,
            Draws = Draws,
            RightDraws = RightDraws,
        };
    }
}

/// <summary>An example that a version was taught, and whether it says it.</summary>
internal sealed record VersionExample
{
    public required string Id { get; init; }
    public string Object => "version.example";

    /// <summary>As they are now; the last one is what was to be learned.</summary>
    [WireType(typeof(ExampleMessage[]))] public required JsonElement Messages { get; init; }

    /// <summary>Whether the example was edited since the version learned it.</summary>
    public required bool Changed { get; init; }

    /// <summary>Null where it was not asked: of many examples a part is.</summary>
    [AllowedValues(TaughtVerdict.Learned, TaughtVerdict.Partly, TaughtVerdict.NotLearned)] public required string? Verdict { get; init; }

    /// <summary>Nats per token of the wanted reply, under the version that was in service.</summary>
    public required double? LossBefore { get; init; }

    /// <summary>Under this one.</summary>
    public required double? LossAfter { get; init; }

    /// <summary>The most probable reply to the question.</summary>
    public required string? Writes { get; init; }

    /// <summary>A reply that it gave when it was asked with the sampling defaults of serving, and that is wrong; null where none was.</summary>
    public required string? Otherwise { get; init; }

    /// <summary>How often it was asked so.</summary>
    public required int? Draws { get; init; }

    /// <summary>How often it was right then.</summary>
    public required int? RightDraws { get; init; }
}
