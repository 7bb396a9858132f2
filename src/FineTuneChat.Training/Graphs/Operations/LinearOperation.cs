using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Graphs.Operations;

internal static class LinearOperation
{
    /// <summary>
    /// y = W x, frozen or trained whole, or with low-rank matrices beside it: y = W x + s·B(A x) (Hu et al. 2021, arXiv 2106.09685, eq. 3).
    /// With g = dL/dy: dB = s·g (A x)ᵀ, dA = s·Bᵀg xᵀ, dx = Wᵀg + s·Aᵀ(Bᵀg), dW = g xᵀ.
    /// </summary>
    /// <param name="tape">Where to record.</param>
    /// <param name="x">[in, tokens].</param>
    /// <param name="weight">[in, out], any type.</param>
    /// <param name="trained">The weight as a parameter, when it is trained whole.</param>
    /// <param name="lora">The matrices beside it, when it is adapted; its B may be frozen.</param>
    /// <returns>[out, tokens].</returns>
    public static Tensor Linear(this Tape tape, Tensor x, Tensor weight, Parameter? trained, LoraPair? lora)
    {
        Graph graph = tape.Graph;
        if (lora == null)
        {
            return tape.Record(graph.Gemm(x, weight), tape.Wants(x) || trained != null, gradient =>
            {
                if (trained != null)
                    graph.Expand(graph.GemmAdd(trained.Gradient, gradient, x, transposeA: true, transposeB: true)); // [in, out]
                if (tape.Wants(x))
                    tape.Accumulate(x, graph.Gemm(gradient, weight, transposeB: true)); // [in, tokens]
            });
        }

        // The adapter alone sees its input through the dropout, whose mask is computed again where it is needed again.
        Tensor Dropped(Tensor t) => tape.Dropout is { } dropout ? graph.Dropout(t, dropout.Seed, new DropoutParameters(dropout.Rate, lora.Index)) : t;
        Tensor hidden = graph.Scale(graph.Gemm(Dropped(x), lora.A.Value), lora.Scale); // s·A x [r, tokens]
        return tape.Record(graph.GemmSum(x, weight, hidden, lora.B.Value), needed: true, gradient =>
        {
            Tensor hiddenGradient = graph.Scale(graph.Gemm(gradient, lora.B.Value, transposeB: true), lora.Scale); // s·Bᵀg [r, tokens]
            if (!lora.B.Gradient.IsNone)
                graph.Expand(graph.GemmAdd(lora.B.Gradient, gradient, hidden, transposeA: true, transposeB: true)); // [r, out]
            graph.Expand(graph.GemmAdd(lora.A.Gradient, hiddenGradient, Dropped(x), transposeA: true, transposeB: true)); // [in, r]
            if (!tape.Wants(x))
                return;
            tape.Accumulate(x, tape.Dropout == null
                ? graph.GemmSum(gradient, weight, hiddenGradient, lora.A.Value, transposeB: true)
                : graph.Add(graph.Gemm(gradient, weight, transposeB: true), Dropped(graph.Gemm(hiddenGradient, lora.A.Value, transposeB: true))));
        });
    }
}
