using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// What computes graphs: the processor with this project's kernels (<see cref="CpuBackend"/>), or a device with ggml's own operations
/// (<see cref="DeviceBackend"/>).
/// </summary>
public abstract unsafe class Backend : IDisposable
{
    private readonly nint _device;
    private nint _handle;

    private protected Backend(nint device)
    {
        _device = device;
        _handle = GgmlNative.ggml_backend_dev_init(device, null);
        if (_handle == 0)
            throw new NativeLibraryException($"ggml's backend '{Name}' could not be started.");
        BufferType = GgmlNative.ggml_backend_dev_buffer_type(device);
    }

    /// <summary>Short name of what computes, as <c>CPU</c> or <c>CUDA0</c>.</summary>
    public string Name => Marshal.PtrToStringUTF8((nint)GgmlNative.ggml_backend_dev_name(_device)) ?? "";

    internal nint BufferType { get; }

    private protected nint Handle => _handle;

    /// <summary>Puts tensors where this backend computes with them.</summary>
    /// <param name="constants">Those that nobody changes: a model's weights.</param>
    /// <param name="variables">Those that change from graph to graph: parameters and their gradients.</param>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    public abstract Placement Place(IReadOnlyCollection<Tensor> constants, IReadOnlyCollection<Tensor> variables);

    /// <summary>Frees what computes.</summary>
    public void Dispose()
    {
        if (_handle != 0)
            GgmlNative.ggml_backend_free(_handle);
        _handle = 0;
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what a kind of backend has beside it.</summary>
    /// <param name="disposing">Always true.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>How this backend computes what ggml has no operation for.</summary>
    internal abstract IGraphOperations OperationsOf(Graph graph);

    internal void Compute(nint graph)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        int result = GgmlNative.ggml_backend_graph_compute(_handle, graph);
        if (result != 0)
            throw new InvalidOperationException($"ggml stopped computing the graph (status {result}).");
    }

    /// <summary>Refuses a graph with a node that this backend cannot compute: ggml would end the process.</summary>
    /// <exception cref="NotSupportedException">The message names operation, tensors and device.</exception>
    internal void Check(nint graph)
    {
        for (int i = 0; i < GgmlNative.ggml_graph_n_nodes(graph); i++)
        {
            ggml_tensor* node = GgmlNative.ggml_graph_node(graph, i);
            if (!Supports(new Tensor(node)))
                throw new NotSupportedException($"The device '{Name}' cannot compute {Description(node)}. Train on the processor: --device cpu.");
            for (int s = 0; s < 10; s++)
            {
                var source = (ggml_tensor*)node->src[s];
                if (source != null && source->buffer != 0
                    && !GgmlNative.ggml_backend_dev_supports_buft(_device, GgmlNative.ggml_backend_buffer_get_type(source->buffer)))
                    throw new InvalidOperationException(
                        $"The device '{Name}' cannot read {Of(source)}, which is a source of {Description(node)}: it was not placed there.");
            }
        }
    }

    internal bool Supports(Tensor node) => GgmlNative.ggml_backend_dev_supports_op(_device, node.Pointer);

    private static string Description(ggml_tensor* node)
    {
        var sources = new List<string>();
        for (int i = 0; i < 10 && node->src[i] != 0; i++)
            sources.Add(Of((ggml_tensor*)node->src[i]));
        return $"{Marshal.PtrToStringUTF8((nint)GgmlNative.ggml_op_desc(node))} of {string.Join(" and ", sources)}";
    }

    private static string Of(ggml_tensor* tensor)
    {
        var wrapped = new Tensor(tensor);
        return wrapped.Name.Length > 0 && tensor->op == 0 ? $"{wrapped} '{wrapped.Name}'" : wrapped.ToString();
    }
}
