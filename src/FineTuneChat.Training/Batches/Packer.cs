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
    public static IReadOnlyList<MicroBatch> Pack(IReadOnlyList<EncodedExample> examples, int rowTokens)
    {
        var rows = new List<(List<EncodedExample> Examples, int Tokens)>();
        foreach (EncodedExample example in examples)
        {
            int length = example.Ids.Length;
            if (length > rowTokens)
                throw new ArgumentException($"An example of {length} tokens does not fit a row of {rowTokens}.", nameof(examples));
            int fit = rows.FindIndex(r => r.Tokens + length <= rowTokens);
            if (fit < 0)
            {
                rows.Add(([], 0));
                fit = rows.Count - 1;
            }

            rows[fit].Examples.Add(example);
            rows[fit] = (rows[fit].Examples, rows[fit].Tokens + length);
        }

        double total = examples.Sum(e => e.Weights.Skip(1).Sum(w => (double)w));
        return [.. rows.Select(r => Row(r.Examples, (float)(1 / total)))];
    }

    private static MicroBatch Row(List<EncodedExample> examples, float factor)
    {
        List<int> tokens = [], positions = [], starts = [], rows = [], labels = [];
        List<float> weights = [];
        foreach (EncodedExample example in examples)
        {
            int start = tokens.Count;
            for (int i = 0; i < example.Ids.Length; i++)
            {
                tokens.Add(example.Ids[i]);
                positions.Add(i);
                starts.Add(start);
                if (i + 1 < example.Ids.Length && example.Weights[i + 1] > 0)
                {
                    rows.Add(start + i);
                    labels.Add(example.Ids[i + 1]);
                    weights.Add(example.Weights[i + 1] * factor);
                }
            }
        }

        return new MicroBatch([.. tokens], [.. positions], [.. starts], [.. rows], [.. labels], [.. weights]);
    }
}
