using FineTuneChat.Chat.Encoding;

namespace FineTuneChat.Training.Pretraining;

/// <summary>Deals an endless corpus out to optimiser steps: each takes as many conversations as fill its rows.</summary>
internal static class CorpusBatches
{
    /// <summary>One list of examples for each step, for ever.</summary>
    /// <param name="corpus">Encoded, in a fixed order, so that the batch of a step is a function of the step.</param>
    /// <param name="rowTokens">Tokens in a row; longer conversations are left out.</param>
    /// <param name="rows">Rows in a step.</param>
    public static IEnumerable<IReadOnlyList<TrainingExample>> Deal(
        IEnumerable<TrainingExample> corpus, int rowTokens, int rows)
    {
        var step = new List<TrainingExample>();
        int row = 0, used = 0;
        foreach (TrainingExample example in corpus.Where(e => e.Tokens.Length <= rowTokens))
        {
            if (used + example.Tokens.Length > rowTokens)
            {
                row++;
                used = 0;
                if (row == rows)
                {
                    yield return step;
                    step = [];
                    row = 0;
                }
            }

            step.Add(example);
            used += example.Tokens.Length;
        }
    }
}
