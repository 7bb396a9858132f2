using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// What a run must learn, and how much of it is. A reply all of whose tokens are the most probable ones, each after the right ones before it, is what greedy
/// decoding writes: so written replies are judged by a forward pass, without writing them.
/// </summary>
/// <param name="lessons">What must be learned; of many, some that lie evenly among them are looked at.</param>
/// <param name="rowTokens">Tokens in a micro-batch.</param>
internal sealed class LearnedRows(IReadOnlyList<Lesson> lessons, int rowTokens)
{
    /// <summary>From this share on, nothing more need be waited for.</summary>
    public const double Enough = 0.95;

    private const int MostLookedAt = 256;
    private const double Predicted = 0.9; // of the tokens of what nobody expects letter for letter

    private readonly IReadOnlyList<(ReplyMeasure Measure, IReadOnlyList<MicroBatch> Batches)> _parts =
        [.. Spread(lessons).GroupBy(l => l.Measure, l => l.Example).Select(same => (same.Key, Packer.Pack([.. same], rowTokens)))];

    /// <summary>Share of the lessons that are learned, 0 to 1, and their mean loss: it falls before the first of them is.</summary>
    public (double Share, double Loss) Measure(GraphCache evaluation)
    {
        (RowScore Row, ReplyMeasure Measure)[] rows =
        [
            .. _parts.SelectMany(part => part.Batches.SelectMany(batch => Scores(batch, evaluation.Predict(batch))).Select(row => (row, part.Measure))),
        ];
        return rows.Length == 0 ? (1, 0) : ((double)rows.Count(r => IsLearned(r.Row, r.Measure)) / rows.Length, rows.Average(r => r.Row.Loss));
    }

    private static bool IsLearned(RowScore row, ReplyMeasure measure) => measure == ReplyMeasure.Prediction
        ? row.Hits >= Predicted * row.Tokens
        : row.IsWhole && row.Loss * row.Tokens <= -Math.Log(LeastProbability(measure));

    /// <summary>Of the whole reply, when it is drawn. A form has many places to go wrong in, and is drawn less freely than this as it is served.</summary>
    private static double LeastProbability(ReplyMeasure measure) => measure == ReplyMeasure.Json ? 0.5 : 0.8;

    /// <summary>One score for each example of a row.</summary>
    private static IEnumerable<RowScore> Scores(MicroBatch batch, IReadOnlyList<(double Loss, bool IsHit)> predictions) =>
        predictions.Zip(batch.Rows, (prediction, row) => (prediction, Start: batch.Starts[row])).GroupBy(p => p.Start, p => p.prediction)
            .Select(own => RowScore.Of([.. own]));

    private static Lesson[] Spread(IReadOnlyList<Lesson> lessons)
    {
        int count = Math.Min(MostLookedAt, lessons.Count);
        return [.. Enumerable.Range(0, count).Select(i => lessons[(int)((long)i * lessons.Count / count)])];
    }
}
