namespace FineTuneChat.Native.Ggml;

/// <summary>Which numbers a dropout sets to zero: a function of these, of the seed in its graph, and of the number's place.</summary>
/// <param name="Rate">Share that becomes zero, 0 to below 1; the others grow by 1 / (1 − rate).</param>
/// <param name="Stream">Different numbers: different masks of the same seed.</param>
public readonly record struct DropoutParameters(float Rate, int Stream);
