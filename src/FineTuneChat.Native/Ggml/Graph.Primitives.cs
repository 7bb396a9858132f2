using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <content>Small operations that every backend has: <see cref="DeviceOperations"/> is made of them.</content>
public sealed unsafe partial class Graph
{
    /// <summary>ggml's matrix product.</summary>
    /// <param name="a">[k, m, planes], any type; rows are contiguous.</param>
    /// <param name="b">F32 [k, n, planes].</param>
    /// <returns>F32 [m, n, planes].</returns>
    internal Tensor Product(Tensor a, Tensor b)
    {
        const int SumsInF32 = 10;
        RequireF32(b);
        Require(a.Size(0) == b.Size(0) && b.Size(2) == a.Size(2) && b.Size(3) == a.Size(3), $"the product of {a} and {b} does not exist");
        ggml_tensor* product = GgmlNative.ggml_mul_mat(_context, a.Pointer, b.Pointer);
        if (a.Type == GgmlType.F16)
            GgmlNative.ggml_mul_mat_set_prec(product, SumsInF32); // some devices would sum in F16
        return new Tensor(product);
    }

    /// <summary>factor · a + summand.</summary>
    internal Tensor Scale(Tensor a, float factor, float summand)
    {
        RequireF32(a);
        return new Tensor(GgmlNative.ggml_scale_bias(_context, a.Pointer, factor, summand));
    }

    /// <summary>a − b; b is repeated over a where it is smaller.</summary>
    internal Tensor Subtract(Tensor a, Tensor b)
    {
        RequireRepeatable(b, a);
        return new Tensor(GgmlNative.ggml_sub(_context, a.Pointer, b.Pointer));
    }

    /// <summary>a / b, element by element; b is repeated over a where it is smaller.</summary>
    internal Tensor Divide(Tensor a, Tensor b)
    {
        RequireRepeatable(b, a);
        return new Tensor(GgmlNative.ggml_div(_context, a.Pointer, b.Pointer));
    }

    internal Tensor Square(Tensor a) => new(GgmlNative.ggml_sqr(_context, F32(a)));

    internal Tensor SquareRoot(Tensor a) => new(GgmlNative.ggml_sqrt(_context, F32(a)));

    internal Tensor Logarithm(Tensor a) => new(GgmlNative.ggml_log(_context, F32(a)));

    internal Tensor Tanh(Tensor a) => new(GgmlNative.ggml_tanh(_context, F32(a)));

    internal Tensor Sigmoid(Tensor a) => new(GgmlNative.ggml_sigmoid(_context, F32(a)));

    /// <summary>The sum of each row.</summary>
    /// <returns>[1, rows].</returns>
    internal Tensor SumRows(Tensor a) => new(GgmlNative.ggml_sum_rows(_context, F32(a)));

    /// <summary>Where each row is greatest.</summary>
    /// <returns>I32 [rows].</returns>
    internal Tensor IndexOfMax(Tensor a) => new(GgmlNative.ggml_argmax(_context, F32(a)));

    /// <summary>softmax(scale · a + mask) of every row.</summary>
    /// <param name="a">[n, rows, planes].</param>
    /// <param name="mask">F32 [n, rows], or none.</param>
    /// <param name="scale">Factor.</param>
    internal Tensor SoftMax(Tensor a, Tensor mask = default, float scale = 1) => new(GgmlNative.ggml_soft_max_ext(_context, F32(a), mask.Pointer, scale, 0));

    /// <summary>A contiguous copy with dimension i in the place of axes[i].</summary>
    internal Tensor Permuted(Tensor a, int axis0, int axis1, int axis2) =>
        Contiguous(new Tensor(GgmlNative.ggml_permute(_context, F32(a), axis0, axis1, axis2, 3)));

    /// <summary>A contiguous copy with rows and columns exchanged.</summary>
    internal Tensor Transposed(Tensor a) => Contiguous(new Tensor(GgmlNative.ggml_transpose(_context, F32(a))));

    /// <summary>a, in place, with other rows at some places.</summary>
    /// <param name="a">[n, rows, planes].</param>
    /// <param name="rows">F32 [n, count, planes].</param>
    /// <param name="indices">I32 [count, planes].</param>
    internal Tensor WithRows(Tensor a, Tensor rows, Tensor indices) => new(GgmlNative.ggml_set_rows(_context, F32(a), F32(rows), indices.Pointer));

    /// <summary>Rows added into a table of zeros.</summary>
    /// <param name="values">F32 [n, count].</param>
    /// <param name="rows">I32 [count].</param>
    /// <param name="table">F32 [n, rows]: the shape.</param>
    internal Tensor RowSums(Tensor values, Tensor rows, Tensor table) => new(GgmlNative.ggml_get_rows_back(_context, F32(values), rows.Pointer, F32(table)));

    /// <summary>Adds to <paramref name="sum"/> in place.</summary>
    internal Tensor AddTo(Tensor sum, Tensor a)
    {
        RequireRepeatable(a, sum);
        return new Tensor(GgmlNative.ggml_add_inplace(_context, sum.Pointer, a.Pointer));
    }

    /// <summary>Copies the elements to another tensor.</summary>
    internal Tensor CopyTo(Tensor a, Tensor target) => new(GgmlNative.ggml_cpy(_context, a.Pointer, target.Pointer));

    /// <summary>Rows of two, each of a's with that of b behind it.</summary>
    internal Tensor SideBySide(Tensor a, Tensor b) => new(GgmlNative.ggml_concat(_context, F32(a), F32(b), 0));

    private static ggml_tensor* F32(Tensor a)
    {
        RequireF32(a);
        return a.Pointer;
    }
}
