using System.Data.Common;
using System.Text.Json;
using Dapper;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Examples;

/// <summary>Accepted examples that answer the same question differently: which one is right is for the user to say. Thread-safe.</summary>
internal sealed class Contradictions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Count, long Newest, HashSet<string> Found)> _known = new(StringComparer.Ordinal); // by assistant

    /// <summary>The ids of all of them; read anew only when an accepted example has come, gone or changed.</summary>
    public IReadOnlySet<string> Find(DbConnection connection, string assistant)
    {
        (long count, long newest) = connection.QueryFirst<(long, long)>(
            "SELECT COUNT(*), COALESCE(MAX(updated_at), 0) FROM examples WHERE assistant = @assistant AND status = 'accepted'", new { assistant });
        lock (_gate)
        {
            if (!_known.TryGetValue(assistant, out (long Count, long Newest, HashSet<string> Found) known) || (known.Count, known.Newest) != (count, newest))
            {
                IEnumerable<(string Id, string Messages)> accepted = connection.Query<(string, string)>(
                    "SELECT id, messages FROM examples WHERE assistant = @assistant AND status = 'accepted'", new { assistant }, buffered: false);
                known = (count, newest, Of(accepted.Select(e =>
                    (e.Id, (IReadOnlyList<RequestMessage>)JsonSerializer.Deserialize(e.Messages, StoredJson.Messages)!))));
                _known[assistant] = known;
            }
            return known.Found;
        }
    }

    /// <summary>Those of the examples that share their question with another one and not the answer. Pure.</summary>
    public static HashSet<string> Of(IEnumerable<(string Id, IReadOnlyList<RequestMessage> Messages)> examples) =>
    [
        .. examples.Select(e => (e.Id, Question: DedupKey.Of(e.Messages.SkipLast(1)), Answer: DedupKey.Of(e.Messages.TakeLast(1))))
            .GroupBy(e => e.Question).Where(same => same.DistinctBy(e => e.Answer).Count() > 1).SelectMany(same => same.Select(e => e.Id)),
    ];
}
