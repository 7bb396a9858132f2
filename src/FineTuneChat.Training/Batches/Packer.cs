using FineTuneChat.Chat.Encoding;
using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Batches;

/// <summary>Packs examples one after the other into rows; attention keeps them apart, positions begin anew in each.</summary>
public static class Packer
{
    /// <summary>Packs in the order given, first fit; an example is never cut.</summary>
    /// <param name="examples">None longer than <paramref name="rowTokens"/>.</param>
    /// <param name="rowTokens">The most tokens in a row.</param>
    /// <returns>Micro-batches whose weights sum to 1 over all of them: the loss is a mean over all predicted tokens.</returns>
    /// <exception cref="ArgumentException">An example is longer than a row.</exception>
    public static IReadOnlyList<MicroBatch> Pack(IReadOnlyList<TrainingExample> examples, int rowTokens)
    {
        double total = examples.Sum(e => e.TargetCount);
        return [.. Rows(examples, rowTokens, _ => (float)(1 / total)).Select(row => row.Batch)];
    }

    /// <summary>The same with a weight of each example's predictions.</summary>
    /// <param name="examples">None longer than <paramref name="rowTokens"/>.</param>
    /// <param name="rowTokens">The most tokens in a row.</param>
    /// <param name="weight">By the example's place.</param>
    /// <exception cref="ArgumentException">An example is longer than a row.</exception>
    internal static IReadOnlyList<PackedRow> Rows(IReadOnlyList<TrainingExample> examples, int rowTokens, Func<int, float> weight)
    {
        var rows = new List<(List<int> Examples, int Tokens)>();
        for (int i = 0; i < examples.Count; i++)
        {
            int length = examples[i].Tokens.Length;
            if (length > rowTokens)
                throw new ArgumentException($"An example of {length} tokens does not fit a row of {rowTokens}.", nameof(examples));
            int fit = rows.FindIndex(r => r.Tokens + length <= rowTokens);
            if (fit < 0)
            {
                rows.Add(([], 0));
                fit = rows.Count - 1;
            }

            rows[fit].Examples.Add(i);
            rows[fit] = (rows[fit].Examples, rows[fit].Tokens + length);
        }

        return [.. rows.Select(r => new PackedRow(Row([.. r.Examples.Select(i => (examples[i], weight(i)))]), r.Examples))];
    }

    private static MicroBatch Row(IReadOnlyList<(TrainingExample Example, float Weight)> examples)
    {
        List<int> tokens = [], positions = [], starts = [], rows = [], labels = [];
        List<float> weights = [];
        foreach ((TrainingExample example, float weight) in examples)
        {
            int start = tokens.Count, predicted = 0;
            for (int i = 0; i < example.Tokens.Length; i++)
            {
                tokens.Add(example.Tokens[i]);
                positions.Add(i);
                starts.Add(start);
                if (i + 1 < example.Tokens.Length && example.Mask[i + 1])
                {
                    // A distribution is as many predictions as it has tokens: the cross-entropy is linear in the target.
                    TokenProbability[] targets = example.Predictions?[predicted++] ?? [new TokenProbability(example.Tokens[i + 1], 1)];
                    foreach (TokenProbability target in targets)
                    {
                        rows.Add(start + i);
                        labels.Add(target.Token);
                        weights.Add(weight * target.Probability);
                    }
                }
            }
        }

        return new MicroBatch([.. tokens], [.. positions], [.. starts], [.. rows], [.. labels], [.. weights]);
    }
}

/// <summary>A micro-batch, and the places of the examples in it, in their order.</summary>
internal readonly record struct PackedRow(MicroBatch Batch, IReadOnlyList<int> Examples);
