namespace FineTuneChat.Training.Graphs;

/// <summary>Layers that see only the last tokens.</summary>
/// <param name="Tokens">Tokens that such a layer's token sees, itself included; 0 = all.</param>
/// <param name="Period">Every n-th layer sees all; 0 = none does.</param>
/// <param name="RopeBase">θ of such layers' rope, which is not scaled; null = their rope is that of all layers.</param>
public sealed record SlidingWindow(int Tokens, int Period, float? RopeBase);
