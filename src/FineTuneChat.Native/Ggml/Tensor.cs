using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// A tensor of a <see cref="Graph"/>, a <see cref="TensorStore"/> or a <see cref="MappedModel"/>: a handle, valid while its owner lives.
/// Dimension 0 is the contiguous one, as everywhere in ggml.
/// </summary>
public readonly unsafe struct Tensor : IEquatable<Tensor>
{
    internal Tensor(ggml_tensor* pointer) => Pointer = pointer;

    internal ggml_tensor* Pointer { get; }

    /// <summary>Whether this is no tensor at all.</summary>
    public bool IsNone => Pointer == null;

    /// <summary>Storage type.</summary>
    public GgmlType Type => (GgmlType)Pointer->type;

    /// <summary>Number of elements.</summary>
    public long ElementCount => Pointer->ne[0] * Pointer->ne[1] * Pointer->ne[2] * Pointer->ne[3];

    /// <summary>Its name, empty when it has none.</summary>
    public string Name => Marshal.PtrToStringUTF8((nint)Pointer->name) ?? "";

    /// <summary>Whether rows follow each other without gaps.</summary>
    public bool IsContiguous
    {
        get
        {
            ulong expected = (ulong)GgmlTypes.RowBytes(Type, Pointer->ne[0]);
            return Pointer->nb[1] == expected
                && Pointer->nb[2] == expected * (ulong)Pointer->ne[1]
                && Pointer->nb[3] == expected * (ulong)(Pointer->ne[1] * Pointer->ne[2]);
        }
    }

    /// <summary>Size of a dimension.</summary>
    /// <param name="dimension">0 (contiguous) to 3.</param>
    public long Size(int dimension) => dimension is >= 0 and < 4
        ? Pointer->ne[dimension]
        : throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "A tensor has dimensions 0 to 3.");

    /// <summary>The elements of a contiguous tensor in host memory.</summary>
    /// <typeparam name="T"><see cref="float"/> for F32, <see cref="int"/> for I32.</typeparam>
    /// <exception cref="InvalidOperationException">It has no memory yet or a device's, is not contiguous, or holds another type.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        RequireElements<T>();
        if (!GgmlNative.ggml_backend_buffer_is_host(Buffer))
            throw new InvalidOperationException($"Tensor '{Name}' lies in a device's memory: read or write a copy.");
        return new Span<T>(Pointer->data, checked((int)ElementCount));
    }

    /// <summary>Sets the elements, wherever they lie.</summary>
    /// <param name="values">All of them.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="AsSpan"/>, but for where it lies.</exception>
    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        RequireElements<T>();
        if (values.Length != ElementCount)
            throw new ArgumentException($"Tensor '{Name}' has {ElementCount} elements, not {values.Length}.", nameof(values));
        fixed (T* source = values)
            GgmlNative.ggml_backend_tensor_set(Pointer, source, 0, (nuint)(values.Length * sizeof(T)));
    }

    /// <summary>A copy of the elements, wherever they lie.</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="AsSpan"/>, but for where it lies.</exception>
    public T[] Read<T>()
        where T : unmanaged
    {
        RequireElements<T>();
        var values = new T[ElementCount];
        fixed (T* target = values)
            GgmlNative.ggml_backend_tensor_get(Pointer, target, 0, (nuint)(values.LongLength * sizeof(T)));
        return values;
    }

    /// <summary>A copy of all elements as floats, whatever the storage type.</summary>
    public float[] ToFloats()
    {
        if (Type == GgmlType.F32)
            return AsSpan<float>().ToArray();
        ggml_type_traits* traits = GgmlNative.ggml_get_type_traits(Pointer->type);
        if (Pointer->data == null || !IsContiguous || traits->to_float == null)
            throw new InvalidOperationException($"Tensor '{Name}' of type {Type} cannot be read as floats.");
        var values = new float[ElementCount];
        fixed (float* target = values)
            traits->to_float(Pointer->data, target, values.LongLength);
        return values;
    }

    /// <summary>Whether no element is NaN or infinite. Row by row: however large the tensor is, this takes no memory.</summary>
    /// <exception cref="InvalidOperationException">It has no memory yet or is not contiguous.</exception>
    public bool IsFinite()
    {
        ggml_type_traits* traits = GgmlNative.ggml_get_type_traits(Pointer->type);
        if (Pointer->data == null || !IsContiguous)
            throw new InvalidOperationException($"Tensor '{Name}' cannot be read.");
        if (Type != GgmlType.F32 && traits->to_float == null)
            return true; // whole numbers
        var row = new float[Pointer->ne[0]];
        long rowBytes = GgmlTypes.RowBytes(Type, row.Length);
        fixed (float* target = row)
        {
            for (long i = 0; i < ElementCount / row.Length; i++)
            {
                byte* source = (byte*)Pointer->data + (i * rowBytes);
                if (Type != GgmlType.F32)
                    traits->to_float(source, target, row.LongLength);
                ReadOnlySpan<float> values = Type == GgmlType.F32 ? new ReadOnlySpan<float>(source, row.Length) : row;
                if (!float.IsFinite(TensorPrimitives.MaxMagnitude(values)))
                    return false;
            }
        }

        return true;
    }

    private nint Buffer => Pointer->view_src != null ? Pointer->view_src->buffer : Pointer->buffer;

    private void RequireElements<T>()
        where T : unmanaged
    {
        if (Pointer->data == null)
            throw new InvalidOperationException($"Tensor '{Name}' has no memory yet: allocate its graph or store first.");
        if (!IsContiguous || GgmlTypes.BlockSize(Type) != 1 || GgmlTypes.BlockBytes(Type) != sizeof(T))
            throw new InvalidOperationException($"Tensor '{Name}' of type {Type} cannot be seen as a span of {typeof(T).Name}.");
    }

    /// <inheritdoc/>
    public bool Equals(Tensor other) => Pointer == other.Pointer;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((nint)Pointer).GetHashCode();

    /// <summary>Whether both are the same node.</summary>
    public static bool operator ==(Tensor left, Tensor right) => left.Equals(right);

    /// <summary>Whether they are different nodes.</summary>
    public static bool operator !=(Tensor left, Tensor right) => !left.Equals(right);

    /// <summary>Type and shape, for messages.</summary>
    public override string ToString() => IsNone
        ? "none"
        : $"{Type} [{Pointer->ne[0]}, {Pointer->ne[1]}, {Pointer->ne[2]}, {Pointer->ne[3]}]";
}
