using FineTuneChat.Gguf;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// The operations of training, composed of those that ggml has on every backend: for devices, which cannot run this project's kernels. A product with the
/// transpose of a frozen weight is computed with a transposed copy of it. What depends on whole numbers (which tokens see each other, which inputs drop out)
/// is an input that the host works out before each computation.
/// </summary>
internal sealed partial class DeviceOperations(Graph graph, DeviceBackend backend) : IGraphOperations
{
    private readonly DerivedInputs _derived = new(graph);
    private readonly Dictionary<Tensor, Tensor> _transposes = [];

    public void Prepare() => _derived.Fill();

    public string? KernelOf(Tensor node) => null;

    public Tensor Gemm(Tensor a, Tensor b, bool transposeA, bool transposeB) =>
        graph.Product(transposeB ? Transposed(b) : b, transposeA ? Transposed(a) : a);

    public Tensor GemmSum(Tensor a, Tensor b, Tensor c, Tensor d, bool transposeB) =>
        graph.Add(Gemm(a, b, transposeA: false, transposeB), Gemm(c, d, transposeA: false, transposeB));

    public Tensor GemmAdd(Tensor c, Tensor a, Tensor b, bool transposeA, bool transposeB) => graph.AddTo(c, Gemm(a, b, transposeA, transposeB));

    /// <summary>With u = w ∘ dy and y = x/rms: dx = (u − y·mean(u ∘ y)) / rms.</summary>
    public Tensor RmsNormBack(Tensor gradient, Tensor weight, Tensor x, float epsilon)
    {
        float share = 1f / x.Size(0);
        Tensor u = graph.Multiply(gradient, weight), y = graph.RmsNorm(x, epsilon);
        Tensor pull = graph.Scale(graph.SumRows(graph.Multiply(u, y)), share); // [1, rows]
        Tensor rms = graph.SquareRoot(graph.Scale(graph.SumRows(graph.Square(x)), share, epsilon)); // [1, rows]
        return graph.Divide(graph.Subtract(u, graph.Multiply(y, pull)), rms);
    }

    public Tensor RmsNormWeightBack(Tensor accumulator, Tensor gradient, Tensor x, float epsilon) =>
        SumRowsAdd(accumulator, graph.Multiply(gradient, graph.RmsNorm(x, epsilon)));

    public Tensor SumRowsAdd(Tensor accumulator, Tensor gradient)
    {
        long n = gradient.Size(0);
        Tensor sums = graph.SumRows(graph.Transposed(graph.Reshape(gradient, n, gradient.ElementCount / n))); // [1, n]
        return graph.AddTo(accumulator, graph.Reshape(sums, n));
    }

    public Tensor SquaresAdd(Tensor sum, Tensor x) => SumRowsAdd(sum, graph.Square(x));

    /// <summary>As a product with a matrix that has a 1 where a row goes.</summary>
    public Tensor ScatterRows(Tensor values, Tensor rows, long tableRows)
    {
        long count = rows.ElementCount;
        Tensor places = _derived.Of<float>((rows, tableRows), rows, GgmlType.F32, [count, tableRows], (indices, matrix) =>
        {
            Array.Clear(matrix);
            for (int i = 0; i < indices.Length; i++)
                matrix[(indices[i] * count) + i] = 1;
        });
        return graph.Product(graph.Transposed(values), places); // [n, tableRows]
    }

    public Tensor ScatterRowsAdd(Tensor table, Tensor values, Tensor rows) => graph.AddTo(table, graph.RowSums(values, rows, table));

    public Tensor Dropout(Tensor x, Tensor seed, DropoutParameters parameters)
    {
        Tensor factors = _derived.Of<float>(
            (seed, parameters, x.Size(0), x.Size(1)), seed, GgmlType.F32, [x.Size(0), x.Size(1)],
            (value, mask) => Kernels.DropoutKernel.Factors(value[0], parameters, mask));
        return graph.Multiply(x, factors);
    }

    /// <summary>A constant's transpose is kept in the device's memory; others are made in the graph, once for each.</summary>
    private Tensor Transposed(Tensor matrix)
    {
        if (!_transposes.TryGetValue(matrix, out Tensor transpose))
            _transposes[matrix] = transpose = backend.TransposeOf(matrix) is { IsNone: false } kept ? kept : graph.Transposed(matrix);
        return transpose;
    }
}
