using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>What ratings say beyond the accepted replies, as rows of preferences that the trainer reads. Pure.</summary>
internal static class FeedbackRows
{
    /// <summary>The last ones of each kind: a run is to be about examples, not about one client's flood of thumbs.</summary>
    public const int Most = 1000;

    /// <summary>β of DPO and KTO in runs: what is avoided goes no farther than it must (docs/training.md has the figures).</summary>
    public const double Beta = 0.5;

    private const double Share = 0.1; // of a run's rows
    private const int MostTimes = 8;

    /// <param name="trained">Accepted examples that are trained on.</param>
    /// <param name="unwanted">Replies that were rated down.</param>
    /// <param name="rejected">By completion: replies to the same question that its example is preferred to.</param>
    /// <param name="shorter">Replies that are just too long, each with a shorter one.</param>
    public static IReadOnlyList<string> Of(
        IReadOnlyList<Example> trained, IReadOnlyList<Example> unwanted, ILookup<string, RequestMessage> rejected,
        IReadOnlyList<(LoggedExchange Chosen, LoggedExchange TooLong)> shorter)
    {
        // 1. Of two replies to a question, the better one. An edit may have changed the question, too: that is no choice between these two.
        IEnumerable<string> pairs =
            from example in trained
            where example is { CompletionId: not null, Source: not "edit" }
            from reply in rejected[example.CompletionId!].DistinctBy(TextOf)
            where TextOf(reply) != TextOf(example.Messages[^1])
            select Pair(Question(example.Messages.SkipLast(1), example.Tools), example.Messages[^1], reply);
        IEnumerable<string> briefer = shorter.Select(s => Pair(Question(s.Chosen.Seen, s.Chosen.Request.Tools), s.Chosen.Reply, s.TooLong.Reply));

        // 2. A reply alone, and whether it is wanted. Wanted ones only stand against unwanted ones: they are examples anyway.
        //    One that is just too long and has a shorter one beside it says nothing wrong: that pair is all that it teaches.
        HashSet<string> tooLong = [.. shorter.Select(s => s.TooLong.CompletionId)];
        IEnumerable<string> judged = unwanted.Where(e => e.CompletionId is not { } id || !tooLong.Contains(id)).Select(e => Judged(e, isWanted: false));
        IEnumerable<string> liked = trained.Where(e => unwanted.Count > 0 && e.Source == "rating").Select(e => Judged(e, isWanted: true));
        return [.. pairs.Concat(briefer).TakeLast(Most), .. judged.TakeLast(Most), .. liked.TakeLast(Most)];
    }

    /// <summary>Replies rated down as a run learns them: each once, and none that is accepted elsewhere.</summary>
    /// <param name="unwanted">Rated down; of those that say the same the last one counts.</param>
    /// <param name="accepted">What is accepted.</param>
    public static IReadOnlyList<Example> Merge(IReadOnlyList<Example> unwanted, IReadOnlyList<Example> accepted)
    {
        HashSet<DedupKey> seen = [.. accepted.Select(e => DedupKey.Of(e.Messages))];
        return [.. unwanted.Reverse().Where(e => seen.Add(DedupKey.Of(e.Messages))).Reverse()];
    }

    /// <summary>The same rows so often that they are a tenth of a run: in a few passes, what a model is sure of hardly moves.</summary>
    /// <param name="rows">Preferences.</param>
    /// <param name="beside">Rows that are learned beside them.</param>
    public static IEnumerable<string> Repeated(IReadOnlyList<string> rows, int beside)
    {
        int times = rows.Count == 0 ? 0 : (int)Math.Clamp(Math.Ceiling(beside * Share / rows.Count), 1, MostTimes);
        return Enumerable.Repeat(rows, times).SelectMany(same => same);
    }

    private static string Pair(JsonObject row, RequestMessage chosen, RequestMessage rejected)
    {
        row["chosen"] = new JsonArray(ExampleRow.Message(chosen));
        row["rejected"] = new JsonArray(ExampleRow.Message(rejected));
        return row.ToJsonString(RelaxedJson.Options);
    }

    private static string Judged(Example example, bool isWanted)
    {
        JsonObject row = Question(example.Messages.SkipLast(1), example.Tools);
        row["completion"] = new JsonArray(ExampleRow.Message(example.Messages[^1]));
        row["label"] = isWanted;
        return row.ToJsonString(RelaxedJson.Options);
    }

    private static JsonObject Question(IEnumerable<RequestMessage> messages, JsonElement? tools)
    {
        var row = new JsonObject { ["messages"] = new JsonArray([.. messages.Select(ExampleRow.Message)]) };
        if (tools is { } functions)
            row["tools"] = JsonNode.Parse(functions.GetRawText());
        return row;
    }

    private static string TextOf(RequestMessage reply) => (reply.Content ?? "").Trim();
}
