using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>
/// Softmax cross-entropy on integer labels and its gradient in one pass over the logits: loss = log Σ exp(z) − z[label], dz = w·(softmax(z) − onehot).
/// A row with a negative label has neither: ggml's own operation would push the predictions of such rows towards a uniform distribution.
/// </summary>
internal static unsafe class CrossEntropyKernel
{
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Run(ggml_tensor* dst, int thread, int threads, void* unused)
    {
        int* labels = (int*)((ggml_tensor*)dst->src[1])->data;
        float* weights = (float*)((ggml_tensor*)dst->src[2])->data;
        float* losses = (float*)((ggml_tensor*)dst->src[3])->data; // [2, rows]: loss, distance of the label from the highest logit
        for (long row = thread; row < dst->ne[1]; row += threads)
        {
            Span<float> z = Rows.Of(dst, row);
            int label = labels[row];
            if (label < 0)
            {
                z.Clear();
                losses[2 * row] = losses[(2 * row) + 1] = 0;
                continue;
            }

            float highest = TensorPrimitives.Max<float>(z), own = z[label];
            TensorPrimitives.Subtract(z, highest, z);
            TensorPrimitives.Exp<float>(z, z);
            float sum = TensorPrimitives.Sum<float>(z);
            losses[2 * row] = MathF.Log(sum) + highest - own;
            losses[(2 * row) + 1] = highest - own;
            TensorPrimitives.Multiply(z, weights[row] / sum, z);
            z[label] -= weights[row];
        }
    }
}
