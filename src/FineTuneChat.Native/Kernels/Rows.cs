using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>Rows of a 2-D (or flattened 3-D) tensor of floats inside a kernel.</summary>
internal static unsafe class Rows
{
    public static long Count(ggml_tensor* tensor) => tensor->ne[1] * tensor->ne[2] * tensor->ne[3];

    public static Span<float> Of(ggml_tensor* tensor, long row)
    {
        long plane = row / tensor->ne[1];
        byte* start = (byte*)tensor->data + ((row - (plane * tensor->ne[1])) * (long)tensor->nb[1]) + (plane * (long)tensor->nb[2]);
        return new Span<float>(start, (int)tensor->ne[0]);
    }
}
