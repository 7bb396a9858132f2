namespace FineTuneChat.Gguf.Safetensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="StoredAs">The type as the file has it, e.g. <c>BF16</c>.</param>
/// <param name="Shape">Dimensions, the contiguous one last.</param>
/// <param name="Offset">Where its data begins, in bytes from the start of the file.</param>
/// <param name="Bytes">Length of its data.</param>
public sealed record SafetensorsTensor(string Name, string StoredAs, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>The type for our arithmetic; null when it is none of F32, F16 and BF16.</summary>
    public GgmlType? Type => StoredAs switch { "F32" => GgmlType.F32, "F16" => GgmlType.F16, "BF16" => GgmlType.BF16, _ => null };

    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);
}
