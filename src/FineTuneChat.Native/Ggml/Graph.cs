using System.Diagnostics;
using System.Runtime.InteropServices;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// A computation: build nodes with the operations, <see cref="Expand"/> those that matter, <see cref="Allocate"/> once, then set inputs and
/// <see cref="Compute"/> as often as needed. Memory of intermediate results is shared among nodes whose lives do not overlap, inputs included:
/// every input must be set again before every computation, and a result can be read only if it was marked with <see cref="Output"/>.
/// </summary>
public sealed unsafe partial class Graph : IDisposable
{
    private readonly Backend _backend;
    private readonly IGraphOperations _operations;
    private readonly List<nint> _kept = [];
    private nint _context;
    private nint _graph;
    private nint _allocator;

    /// <summary>Creates an empty graph.</summary>
    /// <param name="backend">Where it is computed.</param>
    /// <param name="capacity">The most tensors it will have, views included.</param>
    public Graph(Backend backend, int capacity)
    {
        _backend = backend;
        _context = GgmlNative.ggml_init(new ggml_init_params
        {
            mem_size = ((nuint)capacity * GgmlNative.ggml_tensor_overhead()) + GgmlNative.ggml_graph_overhead_custom((nuint)capacity, 0),
            no_alloc = 1,
        });
        _graph = GgmlNative.ggml_new_graph_custom(_context, (nuint)capacity, 0);
        _operations = backend.OperationsOf(this);
    }

    /// <summary>Nodes in the order of computation so far.</summary>
    public int NodeCount => GgmlNative.ggml_graph_n_nodes(_graph);

    /// <summary>Bytes of intermediate results, after <see cref="Allocate"/>.</summary>
    public long Bytes => (long)GgmlNative.ggml_gallocr_get_buffer_size(_allocator, 0);

    internal nint Context => _context;

    /// <summary>A tensor that is set from outside before each computation.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="type">Storage type.</param>
    /// <param name="shape">1 to 4 sizes, the contiguous one first.</param>
    public Tensor Input(string name, GgmlType type, params ReadOnlySpan<long> shape)
    {
        ggml_tensor* tensor = GgmlNative.ggml_set_name(TensorStore.NewTensor(_context, type, shape), name);
        GgmlNative.ggml_set_input(tensor);
        return new Tensor(tensor);
    }

    /// <summary>Keeps a result's memory until the end of the computation, so that it can be read.</summary>
    /// <param name="tensor">A node of this graph.</param>
    public Tensor Output(Tensor tensor)
    {
        GgmlNative.ggml_set_output(tensor.Pointer);
        Expand(tensor);
        return tensor;
    }

    /// <summary>Puts a node, and before it all that it depends on, at the end of the order of computation.</summary>
    /// <param name="tensor">A node of this graph.</param>
    public void Expand(Tensor tensor) => GgmlNative.ggml_build_forward_expand(_graph, tensor.Pointer);

    /// <summary>Plans and takes the memory of intermediate results.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough.</exception>
    /// <exception cref="NotSupportedException">The backend cannot compute one of the nodes.</exception>
    public void Allocate()
    {
        _backend.Check(_graph);
        _allocator = GgmlNative.ggml_gallocr_new(_backend.BufferType);
        if (!GgmlNative.ggml_gallocr_alloc_graph(_allocator, _graph))
            throw new OutOfMemoryException(
                "Not enough memory for the training graph's intermediate results: use a shorter sequence length or smaller micro-batches.");
    }

    /// <summary>Bytes that <see cref="Allocate"/> would take.</summary>
    /// <exception cref="NotSupportedException">The backend cannot compute one of the nodes.</exception>
    public long Measure()
    {
        _backend.Check(_graph);
        nint planner = GgmlNative.ggml_gallocr_new(_backend.BufferType);
        nuint bytes = 0;
        GgmlNative.ggml_gallocr_reserve_n_size(planner, _graph, null, null, &bytes);
        GgmlNative.ggml_gallocr_free(planner);
        return (long)bytes;
    }

    /// <summary>Computes every node.</summary>
    public void Compute()
    {
        _operations.Prepare();
        _backend.Compute(_graph);
    }

    /// <summary>
    /// Computes the nodes one by one, in their order, and times each: where a computation's time goes. Slower than <see cref="Compute"/>, same result.
    /// </summary>
    /// <returns>The operation (a kernel's is named after its method of this class), the node, its seconds.</returns>
    public IReadOnlyList<(string Operation, Tensor Node, double Seconds)> Profile()
    {
        var times = new List<(string, Tensor, double)>(NodeCount);
        nint context = GgmlNative.ggml_init(
            new ggml_init_params { mem_size = GgmlNative.ggml_graph_overhead_custom(1, 0) + GgmlNative.ggml_tensor_overhead(), no_alloc = 1 });
        nint single = GgmlNative.ggml_new_graph_custom(context, 1, 0);
        _operations.Prepare();
        for (int i = 0; i < NodeCount; i++)
        {
            ggml_tensor* node = GgmlNative.ggml_graph_node(_graph, i);
            GgmlNative.ggml_graph_clear(single);
            GgmlNative.ggml_graph_add_node(single, node);
            long start = Stopwatch.GetTimestamp();
            _backend.Compute(single);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string operation = _operations.KernelOf(new Tensor(node)) ?? Marshal.PtrToStringUTF8((nint)GgmlNative.ggml_op_desc(node)) ?? "";
            times.Add((operation, new Tensor(node), seconds));
        }

        GgmlNative.ggml_free(context);
        return times;
    }

    /// <summary>Frees the memory; the graph's tensors are void from then on.</summary>
    public void Dispose()
    {
        if (_context == 0)
            return;
        if (_allocator != 0)
            GgmlNative.ggml_gallocr_free(_allocator);
        GgmlNative.ggml_free(_context);
        _context = _graph = _allocator = 0;
        foreach (nint parameters in _kept)
            NativeMemory.Free((void*)parameters);
        _kept.Clear();
    }

    /// <summary>A kernel's parameters where it finds them, until the graph is disposed.</summary>
    internal nint Keep<T>(T parameters)
        where T : unmanaged
    {
        T* memory = (T*)NativeMemory.Alloc((nuint)sizeof(T));
        *memory = parameters;
        _kept.Add((nint)memory);
        return (nint)memory;
    }
}
