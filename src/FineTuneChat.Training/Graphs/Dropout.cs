using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>Dropout of a graph's adapters.</summary>
/// <param name="Seed">I32 [1], an input: another for each micro-batch.</param>
/// <param name="Rate">Share of an adapter's inputs that becomes zero.</param>
internal sealed record Dropout(Tensor Seed, float Rate);
