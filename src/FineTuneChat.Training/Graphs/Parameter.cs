using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>A trainable tensor with its gradient; both outlive the graphs that use them.</summary>
/// <param name="Name">As in the GGUF file, e.g. <c>blk.0.attn_q.weight.lora_a</c>.</param>
/// <param name="Value">F32.</param>
/// <param name="Gradient">F32 of the same shape; graphs add to it.</param>
/// <param name="Decays">Whether weight decay applies: to matrices, not to norms.</param>
public sealed record Parameter(string Name, Tensor Value, Tensor Gradient, bool Decays);
