namespace FineTuneChat.Training.Graphs;

/// <summary>Several sequences packed into one row, with what is to be predicted where.</summary>
/// <param name="Tokens">Token ids of all sequences, one after the other.</param>
/// <param name="Positions">Place of each token in its own sequence.</param>
/// <param name="Starts">Index of the first token of each token's sequence.</param>
/// <param name="Rows">Indices of the tokens whose successor is predicted.</param>
/// <param name="Labels">The token to predict at each of <paramref name="Rows"/>.</param>
/// <param name="Weights">The share of each prediction in the loss.</param>
public sealed record MicroBatch(int[] Tokens, int[] Positions, int[] Starts, int[] Rows, int[] Labels, float[] Weights);
