using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Tests.Kernels;

/// <summary>What a device cannot compute is found before it is computed: ggml would end the process.</summary>
public sealed class DeviceCheckTests
{
    [Fact]
    public void An_operation_that_a_device_lacks_is_named_with_its_tensors_and_what_to_do()
    {
        NativeLibraries.Load();
        using var backend = new DeviceBackend(ComputeDevice.Processor);
        using var graph = new Graph(backend, 8);
        graph.Expand(graph.CopyTo(graph.Input("numbers", GgmlType.F32, 256), graph.Input("coded", GgmlType.IQ2_XXS, 256))); // ggml cannot write this type
        string message = Assert.Throws<NotSupportedException>(() => graph.Measure()).Message;
        Assert.Contains("'CPU' cannot compute CPY of F32 [256, 1, 1, 1] 'numbers' and IQ2_XXS [256, 1, 1, 1] 'coded'", message, StringComparison.Ordinal);
        Assert.Contains("--device cpu", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transpose_is_kept_once_and_is_that_of_the_rows_asked_for()
    {
        NativeLibraries.Load();
        using var backend = new DeviceBackend(ComputeDevice.Processor);
        using var store = new TensorStore(1);
        Tensor matrix = store.Add("matrix", GgmlType.F32, 3, 4);
        store.Allocate();
        for (int i = 0; i < 12; i++)
            matrix.AsSpan<float>()[i] = i;
        using Placement placement = backend.Place([matrix], []);
        using var graph = new Graph(backend, 8);
        Tensor rows = graph.Rows(placement[matrix], 1, 2), transpose = backend.TransposeOf(rows);
        Assert.Equal([3f, 6, 4, 7, 5, 8], transpose.Read<float>());
        Assert.Equal(transpose, backend.TransposeOf(graph.Rows(placement[matrix], 1, 2)));
        Assert.True(backend.TransposeOf(matrix).IsNone);
    }
}
