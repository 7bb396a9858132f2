using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <content>ggml's own operations. Shapes are checked here, because ggml would end the process.</content>
public sealed unsafe partial class Graph
{
    /// <summary>a + b; b is repeated over a where it is smaller.</summary>
    public Tensor Add(Tensor a, Tensor b)
    {
        RequireRepeatable(b, a);
        return new Tensor(GgmlNative.ggml_add(_context, a.Pointer, b.Pointer));
    }

    /// <summary>a ∘ b, element by element; b is repeated over a where it is smaller.</summary>
    public Tensor Multiply(Tensor a, Tensor b)
    {
        RequireRepeatable(b, a);
        return new Tensor(GgmlNative.ggml_mul(_context, a.Pointer, b.Pointer));
    }

    /// <summary>factor · a.</summary>
    public Tensor Scale(Tensor a, float factor)
    {
        RequireF32(a);
        return new Tensor(GgmlNative.ggml_scale(_context, a.Pointer, factor));
    }

    /// <summary>Each row divided by its root mean square.</summary>
    /// <param name="x">[n, rows].</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public Tensor RmsNorm(Tensor x, float epsilon)
    {
        RequireF32(x);
        return new Tensor(GgmlNative.ggml_rms_norm(_context, x.Pointer, epsilon));
    }

    /// <summary>silu(gate) ∘ up.</summary>
    public Tensor SwiGlu(Tensor gate, Tensor up)
    {
        RequireSameShape(gate, up);
        return new Tensor(GgmlNative.ggml_swiglu_split(_context, gate.Pointer, up.Pointer));
    }

    /// <summary>
    /// gelu(gate) ∘ up as llama.cpp serves it: on the CPU gelu comes from a table of 16-bit floats, which has no slope. See <see cref="GeGlu"/>.
    /// </summary>
    public Tensor GeGluByTable(Tensor gate, Tensor up)
    {
        RequireSameShape(gate, up);
        return new Tensor(GgmlNative.ggml_geglu_split(_context, gate.Pointer, up.Pointer));
    }

    /// <summary>Rows of a table, as floats.</summary>
    /// <param name="table">[n, rows], any type.</param>
    /// <param name="rows">I32 [count]; every index must be below the table's rows when the graph is computed.</param>
    /// <returns>[n, count].</returns>
    public Tensor GetRows(Tensor table, Tensor rows)
    {
        Require(rows.Type == GgmlType.I32, $"row indices must be I32, not {rows}");
        return new Tensor(GgmlNative.ggml_get_rows(_context, table.Pointer, rows.Pointer));
    }

    /// <summary>The same elements in another shape.</summary>
    public Tensor Reshape(Tensor a, long ne0, long ne1 = 1, long ne2 = 1, long ne3 = 1)
    {
        Require(a.IsContiguous && ne0 * ne1 * ne2 * ne3 == a.ElementCount, $"{a} cannot be reshaped to [{ne0}, {ne1}, {ne2}, {ne3}]");
        return new Tensor(GgmlNative.ggml_reshape_4d(_context, a.Pointer, ne0, ne1, ne2, ne3));
    }

    /// <summary>A part of an F32 tensor, without a copy.</summary>
    /// <param name="a">The whole.</param>
    /// <param name="offset">First element.</param>
    /// <param name="ne0">Elements in a row.</param>
    /// <param name="ne1">Rows.</param>
    /// <param name="stride1">Elements from row to row.</param>
    /// <param name="ne2">Planes.</param>
    /// <param name="stride2">Elements from plane to plane.</param>
    public Tensor View(Tensor a, long offset, long ne0, long ne1, long stride1, long ne2 = 1, long? stride2 = null)
    {
        RequireF32(a);
        long plane = stride2 ?? (stride1 * ne1);
        Require(
            a.IsContiguous && offset >= 0 && offset + (ne0 - 1) + ((ne1 - 1) * stride1) + ((ne2 - 1) * plane) < a.ElementCount,
            $"the view [{ne0}, {ne1}, {ne2}] at {offset} leaves {a}");
        return new Tensor(GgmlNative.ggml_view_4d(
            _context, a.Pointer, ne0, ne1, ne2, 1, (nuint)(stride1 * 4), (nuint)(plane * 4), (nuint)(plane * ne2 * 4), (nuint)(offset * 4)));
    }

    /// <summary>Whole rows of a matrix of any type, without a copy.</summary>
    /// <param name="a">[n, rows].</param>
    /// <param name="first">First row.</param>
    /// <param name="count">Rows, at least 1.</param>
    /// <returns>[n, count].</returns>
    public Tensor Rows(Tensor a, long first, long count)
    {
        Require(
            a.IsContiguous && first >= 0 && count >= 1 && first <= a.Size(1) - count && a.Size(2) * a.Size(3) == 1,
            $"{a} has no rows {first} to {first + count - 1}");
        nuint rowBytes = (nuint)GgmlTypes.RowBytes(a.Type, a.Size(0));
        return new Tensor(GgmlNative.ggml_view_4d(
            _context, a.Pointer, a.Size(0), count, 1, 1, rowBytes, rowBytes * (nuint)count, rowBytes * (nuint)count, rowBytes * (nuint)first));
    }

    /// <summary>A copy of a view with its rows one after the other.</summary>
    public Tensor Contiguous(Tensor a)
    {
        RequireF32(a);
        return new Tensor(GgmlNative.ggml_cont(_context, a.Pointer));
    }

    /// <summary>Rotary position embedding (Su et al. 2021, arXiv 2104.09864).</summary>
    /// <param name="x">[headWidth, heads, tokens].</param>
    /// <param name="positions">I32 [tokens].</param>
    /// <param name="rope">Its parameters.</param>
    public Tensor Rope(Tensor x, Tensor positions, RopeParameters rope)
    {
        RequireRope(x, positions, rope);
        return new Tensor(GgmlNative.ggml_rope_ext(
            _context, x.Pointer, positions.Pointer, rope.FrequencyFactors.Pointer, rope.Dimensions, (int)rope.Mode, rope.OriginalContext,
            rope.FrequencyBase, rope.FrequencyScale, rope.ExtFactor, rope.AttnFactor, rope.BetaFast, rope.BetaSlow));
    }

    /// <summary>Gradient of <see cref="Rope"/>: the rotation by the opposite angle.</summary>
    public Tensor RopeBack(Tensor gradient, Tensor positions, RopeParameters rope)
    {
        RequireRope(gradient, positions, rope);
        return new Tensor(GgmlNative.ggml_rope_ext_back(
            _context, gradient.Pointer, positions.Pointer, rope.FrequencyFactors.Pointer, rope.Dimensions, (int)rope.Mode, rope.OriginalContext,
            rope.FrequencyBase, rope.FrequencyScale, rope.ExtFactor, rope.AttnFactor, rope.BetaFast, rope.BetaSlow));
    }

    private static void RequireRope(Tensor x, Tensor positions, RopeParameters rope)
    {
        RequireF32(x);
        Require(
            positions.Type == GgmlType.I32 && positions.ElementCount == x.Size(2),
            $"rope needs one I32 position for each of {x.Size(2)} tokens, not {positions}");
        Require(
            rope.Dimensions > 0 && rope.Dimensions % 2 == 0 && rope.Dimensions <= x.Size(0),
            $"rope over {rope.Dimensions} of {x.Size(0)} dimensions is impossible");
        Tensor factors = rope.FrequencyFactors;
        Require(
            factors.IsNone || (factors.Type == GgmlType.F32 && factors.IsContiguous && factors.Size(0) >= rope.Dimensions / 2),
            $"rope over {rope.Dimensions} dimensions needs {rope.Dimensions / 2} F32 frequency factors, not {factors}");
    }

    private static void RequireRepeatable(Tensor small, Tensor large)
    {
        RequireF32(small);
        RequireF32(large);
        for (int i = 0; i < 4; i++)
            Require(large.Size(i) % small.Size(i) == 0, $"{small} cannot be repeated over {large}");
    }

    private static void RequireSameShape(Tensor a, Tensor b)
    {
        RequireF32(a);
        RequireF32(b);
        for (int i = 0; i < 4; i++)
            Require(a.Size(i) == b.Size(i), $"the shapes of {a} and {b} differ");
    }

    private static void RequireF32(Tensor a) => Require(!a.IsNone && a.Type == GgmlType.F32, $"an F32 tensor is needed, not {a}");

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw new ArgumentException($"Graph: {otherwise}.");
    }
}
