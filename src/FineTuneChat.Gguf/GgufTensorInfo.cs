namespace FineTuneChat.Gguf;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">Storage type.</param>
/// <param name="Shape">1 to 4 dimensions, the contiguous one first (ggml's order).</param>
/// <param name="Offset">Where its data begins, in bytes from the start of the file.</param>
/// <param name="Bytes">Length of its data.</param>
public sealed record GgufTensorInfo(string Name, GgmlType Type, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Size of a dimension; 1 beyond the last.</summary>
    /// <param name="index">0 is the contiguous one.</param>
    public long Dimension(int index) => index < Shape.Count ? Shape[index] : 1;
}
