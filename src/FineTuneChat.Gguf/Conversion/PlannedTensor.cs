using FineTuneChat.Gguf.Safetensors;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>One tensor of the GGUF file, and what it is made of.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Shape">Its dimensions there, the contiguous one first.</param>
/// <param name="Source">The tensor at Hugging Face; null where numbers are given.</param>
internal sealed record PlannedTensor(string Name, IReadOnlyList<long> Shape, SafetensorsTensor? Source)
{
    /// <summary>Numbers that no file has.</summary>
    public float[] Values { get; init; } = [];

    /// <summary>Rows whose order changes within each of so many; 0: none.</summary>
    public int PermutedRows { get; init; }

    /// <summary>What is added to each number.</summary>
    public float Added { get; init; }

    /// <summary>Vectors stay floats: llama.cpp adds them to, and multiplies them with, activations of this type.</summary>
    public GgmlType TypeIn(GgmlType matrices) => Shape.Count == 1 ? GgmlType.F32 : matrices;
}
