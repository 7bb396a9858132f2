using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Kernels;

namespace FineTuneChat.Native.Ggml;

/// <content>Element by element operations of single architectures, with their gradients.</content>
public sealed unsafe partial class Graph
{
    /// <summary>gelu(gate) ∘ up with the tanh form of gelu, exact where llama.cpp reads a table: see <see cref="GeGluByTable"/>.</summary>
    /// <param name="gate">F32 [n, rows].</param>
    /// <param name="up">F32 [n, rows].</param>
    public Tensor GeGlu(Tensor gate, Tensor up)
    {
        RequireSameShape(gate, up);
        return Custom(GgmlType.F32, Shape(gate), [gate, up], &GeGluKernel.Forward, 0);
    }

    /// <summary>Gradients of <see cref="GeGlu"/>.</summary>
    /// <returns>F32 [n, rows, 2]: that of the gate, then that of up.</returns>
    public Tensor GeGluBack(Tensor gradient, Tensor gate, Tensor up)
    {
        RequireSameShape(gradient, gate);
        RequireSameShape(gate, up);
        return Custom(GgmlType.F32, [gate.Size(0), gate.Size(1), 2], [gradient, gate, up], &GeGluKernel.Backward, 0);
    }

    /// <summary>cap · tanh(x / cap): x where it is small, never beyond ±cap.</summary>
    /// <param name="x">F32 [n, rows].</param>
    /// <param name="cap">Positive.</param>
    public Tensor SoftCap(Tensor x, float cap)
    {
        RequireF32(x);
        Require(cap > 0, $"a soft cap of {cap} is no bound");
        return Custom(GgmlType.F32, Shape(x), [x], &SoftCapKernel.Forward, BitConverter.SingleToInt32Bits(cap));
    }

    /// <summary>Gradient of <see cref="SoftCap"/>.</summary>
    public Tensor SoftCapBack(Tensor gradient, Tensor x, float cap)
    {
        RequireSameShape(gradient, x);
        return Custom(GgmlType.F32, Shape(x), [gradient, x], &SoftCapKernel.Backward, BitConverter.SingleToInt32Bits(cap));
    }

    /// <summary>Adds the sum of all rows to <paramref name="accumulator"/> in place: the gradient of a bias.</summary>
    /// <param name="accumulator">F32 [n].</param>
    /// <param name="gradient">F32 [n, rows].</param>
    public Tensor SumRowsAdd(Tensor accumulator, Tensor gradient)
    {
        RequireF32(accumulator);
        RequireF32(gradient);
        Require(accumulator.ElementCount == gradient.Size(0), $"{accumulator} cannot hold the sum of the rows of {gradient}");
        return InPlace(accumulator, [gradient], &RowsKernel.SumAdd, 0);
    }
}
