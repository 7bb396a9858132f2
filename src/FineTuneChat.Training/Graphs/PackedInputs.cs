using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs;

/// <summary>The inputs of a graph over one packed row of tokens.</summary>
internal sealed class PackedInputs(Graph graph, int tokens)
{
    /// <summary>I32 [tokens].</summary>
    public Tensor Tokens { get; } = graph.Input("tokens", GgmlType.I32, tokens);

    /// <summary>I32 [tokens]: place in its own sequence.</summary>
    public Tensor Positions { get; } = graph.Input("positions", GgmlType.I32, tokens);

    /// <summary>I32 [tokens]: index of the first token of the same sequence.</summary>
    public Tensor Starts { get; } = graph.Input("starts", GgmlType.I32, tokens);
}
