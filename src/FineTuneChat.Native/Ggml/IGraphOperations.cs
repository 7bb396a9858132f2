namespace FineTuneChat.Native.Ggml;

/// <summary>
/// What training needs beyond ggml's own operations, as a backend computes it. <see cref="Graph"/> documents each and checks its arguments; a backend
/// has no say in what is computed, only in how.
/// </summary>
internal interface IGraphOperations
{
    /// <summary>Called before each computation, when the graph's inputs are set.</summary>
    void Prepare();

    /// <summary>Name of a node's kernel, null when ggml computes it.</summary>
    string? KernelOf(Tensor node);

    Tensor Gemm(Tensor a, Tensor b, bool transposeA, bool transposeB);

    Tensor GemmSum(Tensor a, Tensor b, Tensor c, Tensor d, bool transposeB);

    Tensor GemmAdd(Tensor c, Tensor a, Tensor b, bool transposeA, bool transposeB);

    Tensor Attention(Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters);

    (Tensor Q, Tensor K, Tensor V) AttentionBack(Tensor gradient, Tensor q, Tensor k, Tensor v, Tensor starts, AttentionParameters parameters);

    Tensor RmsNormBack(Tensor gradient, Tensor weight, Tensor x, float epsilon);

    Tensor RmsNormWeightBack(Tensor accumulator, Tensor gradient, Tensor x, float epsilon);

    (Tensor Gate, Tensor Up) SwiGluBack(Tensor gradient, Tensor gate, Tensor up);

    Tensor GeGlu(Tensor gate, Tensor up);

    (Tensor Gate, Tensor Up) GeGluBack(Tensor gradient, Tensor gate, Tensor up);

    Tensor SoftCap(Tensor x, float cap);

    Tensor SoftCapBack(Tensor gradient, Tensor x, float cap);

    Tensor SumRowsAdd(Tensor accumulator, Tensor gradient);

    Tensor SquaresAdd(Tensor sum, Tensor x);

    Tensor ScatterRows(Tensor values, Tensor rows, long tableRows);

    Tensor ScatterRowsAdd(Tensor table, Tensor values, Tensor rows);

    Tensor CrossEntropyBack(Tensor logits, Tensor labels, Tensor weights, Tensor losses);

    Tensor Dropout(Tensor x, Tensor seed, DropoutParameters parameters);
}
