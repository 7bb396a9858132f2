using FineTuneChat.Training.Graphs;

namespace FineTuneChat.Training.Lora;

/// <summary>The two low-rank matrices beside one frozen weight [in, out].</summary>
/// <param name="A">[in, rank].</param>
/// <param name="B">[rank, out], zero at first.</param>
/// <param name="Scale">alpha / rank.</param>
/// <param name="Index">Place in the adapter: each pair drops out other inputs.</param>
public sealed record LoraPair(Parameter A, Parameter B, float Scale, int Index = 0);
