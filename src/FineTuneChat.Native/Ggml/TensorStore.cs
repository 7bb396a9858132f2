using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <summary>Tensors that outlive a computation: parameters, gradients, constants. Announce all, then <see cref="Allocate"/> once.</summary>
public sealed unsafe class TensorStore : IDisposable
{
    private readonly int _capacity;
    private nint _context;
    private nint _buffer;
    private int _count;

    /// <summary>Creates an empty store.</summary>
    /// <param name="capacity">The most tensors it will hold.</param>
    public TensorStore(int capacity)
    {
        _capacity = capacity;
        _context = GgmlNative.ggml_init(new ggml_init_params { mem_size = (nuint)Math.Max(1, capacity) * GgmlNative.ggml_tensor_overhead(), no_alloc = 1 });
    }

    /// <summary>Announces a tensor; it has memory after <see cref="Allocate"/>.</summary>
    /// <param name="name">For messages and files.</param>
    /// <param name="type">Storage type.</param>
    /// <param name="shape">1 to 4 sizes, the contiguous one first.</param>
    /// <exception cref="InvalidOperationException">The store is full or already allocated.</exception>
    public Tensor Add(string name, GgmlType type, params ReadOnlySpan<long> shape)
    {
        if (_buffer != 0 || _count == _capacity)
            throw new InvalidOperationException($"No room for tensor '{name}': the store holds {_capacity} and {(_buffer != 0 ? "is allocated" : "is full")}.");
        _count++;
        return new Tensor(GgmlNative.ggml_set_name(NewTensor(_context, type, shape), name));
    }

    /// <summary>Gives every tensor its memory, filled with zeros.</summary>
    /// <param name="backend">Who computes with them; null: they lie in the host's memory.</param>
    /// <exception cref="OutOfMemoryException">There is not enough.</exception>
    public void Allocate(Backend? backend = null)
    {
        if (_count == 0 || _buffer != 0)
            return;
        _buffer = GgmlNative.ggml_backend_alloc_ctx_tensors_from_buft(_context, backend?.BufferType ?? CpuBackend.HostMemory);
        if (_buffer == 0)
            throw new OutOfMemoryException(
                $"Not enough memory{(backend == null ? "" : $" on '{backend.Name}'")} for {_count} tensors: weights, parameters, gradients.");
        Clear();
    }

    /// <summary>Fills every tensor with zeros.</summary>
    public void Clear() => GgmlNative.ggml_backend_buffer_clear(_buffer, 0);

    /// <summary>Bytes taken.</summary>
    public long Bytes => _buffer == 0 ? 0 : (long)GgmlNative.ggml_backend_buffer_get_size(_buffer);

    /// <summary>Frees the memory; the tensors are void from then on.</summary>
    public void Dispose()
    {
        if (_context == 0)
            return;
        if (_buffer != 0)
            GgmlNative.ggml_backend_buffer_free(_buffer);
        GgmlNative.ggml_free(_context);
        _context = _buffer = 0;
    }

    internal static ggml_tensor* NewTensor(nint context, GgmlType type, ReadOnlySpan<long> shape)
    {
        if (shape.Length is 0 or > 4)
            throw new ArgumentException($"A tensor has 1 to 4 dimensions, not {shape.Length}.", nameof(shape));
        Span<long> ne = [1, 1, 1, 1];
        shape.CopyTo(ne);
        foreach (long size in ne)
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(shape));
        if (ne[0] % GgmlTypes.BlockSize(type) != 0)
            throw new ArgumentException($"Rows of {ne[0]} elements do not fit {type}'s blocks of {GgmlTypes.BlockSize(type)}.", nameof(shape));
        return GgmlNative.ggml_new_tensor_4d(context, (int)type, ne[0], ne[1], ne[2], ne[3]);
    }
}
