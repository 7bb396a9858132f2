using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Cli;

/// <summary>The figures of each conversation of a dataset, one JSON line each: for tests that compare two models on the same rows.</summary>
internal static class EvaluatedRows
{
    /// <param name="encoded">What was measured.</param>
    /// <param name="scores">Of its examples.</param>
    /// <param name="asked">What was written, by the place of the conversation.</param>
    /// <returns>In the dataset's order; a conversation that was left out has no line.</returns>
    public static IEnumerable<string> Of(EncodedDataset encoded, IReadOnlyList<RowScore> scores, IReadOnlyDictionary<int, AskedReply> asked) =>
        encoded.Conversations.Zip(scores).GroupBy(pair => pair.First, pair => pair.Second)
            .Select(row => Line(row.Key, row.Aggregate((a, b) => a.With(b)), asked.GetValueOrDefault(row.Key)));

    private static string Line(int place, RowScore score, AskedReply? asked)
    {
        var line = new JsonObject
        {
            ["row"] = place + 1,
            ["loss"] = score.Loss,
            ["tokens"] = score.Tokens,
            ["hits"] = score.Hits,
            ["begun"] = score.IsBegun,
            ["ended"] = score.IsEnded,
            ["whole"] = score.IsWhole,
        };
        if (asked is not null)
            line["written"] = new JsonObject
            {
                ["measure"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(asked.Measure.ToString()),
                ["text"] = asked.Reply.Text,
                ["right"] = asked.IsRight,
                ["ended"] = asked.Reply.Ended,
                ["tokens"] = asked.Reply.Tokens,
                ["expected_tokens"] = asked.ExpectedTokens,
                ["valid_json"] = asked.Measure == ReplyMeasure.Json ? ReplyJudge.IsJson(asked.Reply.Text) : null,
                ["draws"] = asked.Draws,
                ["right_draws"] = asked.RightDraws,
                ["otherwise"] = asked.Otherwise,
            };
        return line.ToJsonString(JsonSerializerOptions.Web);
    }
}
