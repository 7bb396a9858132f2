using FineTuneChat.Chat.Encoding;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Evaluation;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Runs;

/// <summary>
/// What a run must learn, and how much of it is. A reply all of whose tokens are the most probable ones, each after the right ones before it, is what greedy
/// decoding writes: so written replies are judged by a forward pass, without writing them.
/// </summary>
/// <param name="examples">What must be learned; of many, some that lie evenly among them are looked at.</param>
/// <param name="rowTokens">Tokens in a micro-batch.</param>
internal sealed class LearnedRows(IReadOnlyList<TrainingExample> examples, int rowTokens)
{
    /// <summary>From this share on, nothing more need be waited for.</summary>
    public const double Enough = 0.95;

    private const int MostLookedAt = 256;
    private const int LongReply = 64; // tokens: nobody expects a longer one letter for letter
    private const double LongReplyHits = 0.9;
    private static readonly double MostLoss = -Math.Log(0.8); // of a whole reply: four in five that are drawn

    private readonly IReadOnlyList<MicroBatch> _batches = Packer.Pack(Spread(examples), rowTokens);

    /// <summary>Share of the examples that are learned, 0 to 1, and their mean loss: it falls before the first of them is.</summary>
    public (double Share, double Loss) Measure(GraphCache evaluation)
    {
        RowScore[] rows = [.. _batches.SelectMany(batch => Scores(batch, evaluation.Predict(batch)))];
        return rows.Length == 0 ? (1, 0) : ((double)rows.Count(IsLearned) / rows.Length, rows.Average(row => row.Loss));
    }

    private static bool IsLearned(RowScore row) => row.Tokens > LongReply
        ? row.Hits >= LongReplyHits * row.Tokens
        : row.IsWhole && row.Loss * row.Tokens <= MostLoss;

    /// <summary>One score for each example of a row.</summary>
    private static IEnumerable<RowScore> Scores(MicroBatch batch, IReadOnlyList<(double Loss, bool IsHit)> predictions) =>
        predictions.Zip(batch.Rows, (prediction, row) => (prediction, Start: batch.Starts[row])).GroupBy(p => p.Start, p => p.prediction)
            .Select(own => RowScore.Of([.. own]));

    private static TrainingExample[] Spread(IReadOnlyList<TrainingExample> examples)
    {
        int count = Math.Min(MostLookedAt, examples.Count);
        return [.. Enumerable.Range(0, count).Select(i => examples[(int)((long)i * examples.Count / count)])];
    }
}
