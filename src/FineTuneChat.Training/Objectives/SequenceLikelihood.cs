using FineTuneChat.Chat.Encoding;
using FineTuneChat.Training.Batches;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Objectives;

/// <summary>How likely the model finds the replies of examples, by forward passes.</summary>
/// <param name="evaluation">Its graphs.</param>
/// <param name="weights">Its weights; sent to the device before each measurement.</param>
/// <param name="rowTokens">Tokens in a micro-batch.</param>
internal sealed class SequenceLikelihood(GraphCache evaluation, DecoderWeights weights, int rowTokens)
{
    /// <summary>The log-probability of each example's predicted tokens, summed.</summary>
    public IReadOnlyList<double> Of(IReadOnlyList<TrainingExample> examples)
    {
        weights.Send();
        var sums = new double[examples.Count];
        foreach (PackedRow row in Packer.Rows(examples, rowTokens, _ => 1))
        {
            var byStart = new Dictionary<int, int>();
            int start = 0;
            foreach (int example in row.Examples)
            {
                byStart[start] = example;
                start += examples[example].Tokens.Length;
            }
            foreach (((double loss, bool _), int position) in evaluation.Predict(row.Batch).Zip(row.Batch.Rows))
                sums[byStart[row.Batch.Starts[position]]] -= loss;
        }
        return sums;
    }
}
