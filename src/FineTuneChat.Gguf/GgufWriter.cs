using System.Buffers.Binary;
using System.Text;

namespace FineTuneChat.Gguf;

/// <summary>
/// Writes a GGUF file (version 3): metadata first, then tensors in the order they were announced, each streamed when its turn comes, so that
/// a model larger than memory can be written. The file appears under its name only when it is complete and on disk.
/// </summary>
public sealed class GgufWriter
{
    private const int Alignment = 32;

    private readonly List<(string Name, GgmlType Type, long[] Shape, Action<Stream> Write)> _tensors = [];

    /// <summary>The key-value entries to write.</summary>
    public GgufMetadata Metadata { get; } = new();

    /// <summary>Announces a tensor.</summary>
    /// <param name="name">Its name, at most 63 bytes.</param>
    /// <param name="type">Storage type.</param>
    /// <param name="shape">1 to 4 dimensions, the contiguous one first.</param>
    /// <param name="write">Writes exactly the tensor's bytes when asked to.</param>
    /// <exception cref="ArgumentException">The shape does not fit the type, or the name is too long.</exception>
    public void Add(string name, GgmlType type, IReadOnlyList<long> shape, Action<Stream> write)
    {
        if (shape.Count is 0 or > GgufLimits.Dimensions || shape[0] % GgmlTypes.BlockSize(type) != 0)
            throw new ArgumentException($"Tensor '{name}': shape [{string.Join(", ", shape)}] does not fit type {type}.", nameof(shape));
        if (Encoding.UTF8.GetByteCount(name) > GgufLimits.NameBytes)
            throw new ArgumentException($"Tensor name '{name}' is longer than {GgufLimits.NameBytes} bytes.", nameof(name));
        _tensors.Add((name, type, [.. shape], write));
    }

    /// <summary>Announces a tensor of 32-bit floats.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Dimensions, the contiguous one first.</param>
    /// <param name="values">Its elements.</param>
    public void Add(string name, IReadOnlyList<long> shape, float[] values) =>
        Add(name, GgmlType.F32, shape, stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)));

    /// <summary>Writes the file under a temporary name, syncs it to disk, and gives it its name.</summary>
    /// <param name="path">Where to. An existing file is replaced; one that is mapped by a running process keeps its old content there.</param>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; nothing is left behind.</exception>
    public void Save(string path)
    {
        string partial = path + ".partial";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
            {
                WriteTo(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private void WriteTo(Stream stream)
    {
        stream.Write("GGUF"u8);
        UInt32(stream, 3);
        UInt64(stream, (ulong)_tensors.Count);
        UInt64(stream, (ulong)Metadata.Keys.Count);
        foreach (string key in Metadata.Keys)
            Entry(stream, key, Metadata.Value(key));

        long offset = 0;
        foreach (var (name, type, shape, _) in _tensors)
        {
            Text(stream, name);
            UInt32(stream, (uint)shape.Length);
            foreach (long size in shape)
                UInt64(stream, (ulong)size);
            UInt32(stream, (uint)type);
            UInt64(stream, (ulong)offset);
            offset += Aligned(Bytes(type, shape));
        }

        Pad(stream);
        foreach (var (name, type, shape, write) in _tensors)
        {
            long start = stream.Position;
            write(stream);
            if (stream.Position - start != Bytes(type, shape))
                throw new InvalidOperationException($"Tensor '{name}' wrote {stream.Position - start} bytes instead of {Bytes(type, shape)}.");
            Pad(stream);
        }
    }

    private static long Bytes(GgmlType type, long[] shape) =>
        GgmlTypes.RowBytes(type, shape[0]) * shape.Skip(1).Aggregate(1L, (product, size) => product * size);

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static void Pad(Stream stream)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        stream.Write(zeros[..(int)(Aligned(stream.Position) - stream.Position)]);
    }

    private static void Entry(Stream stream, string key, object value)
    {
        Text(stream, key);
        if (value is not Array array)
        {
            UInt32(stream, (uint)GgufValueTypes.Of(value.GetType()));
            Scalar(stream, value);
            return;
        }

        UInt32(stream, (uint)GgufValueType.Array);
        UInt32(stream, (uint)GgufValueTypes.Of(array.GetType().GetElementType()!));
        UInt64(stream, (ulong)array.Length);
        foreach (object element in array)
            Scalar(stream, element);
    }

    private static void Scalar(Stream stream, object value)
    {
        switch (value)
        {
            case string text: Text(stream, text); break;
            case bool flag: stream.WriteByte(flag ? (byte)1 : (byte)0); break;
            case byte v: stream.WriteByte(v); break;
            case sbyte v: stream.WriteByte((byte)v); break;
            case ushort v: Little(stream, v, 2); break;
            case short v: Little(stream, (ushort)v, 2); break;
            case uint v: Little(stream, v, 4); break;
            case int v: Little(stream, (uint)v, 4); break;
            case float v: Little(stream, BitConverter.SingleToUInt32Bits(v), 4); break;
            case ulong v: Little(stream, v, 8); break;
            case long v: Little(stream, (ulong)v, 8); break;
            case double v: Little(stream, BitConverter.DoubleToUInt64Bits(v), 8); break;
        }
    }

    private static void Text(Stream stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        UInt64(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void UInt32(Stream stream, uint value) => Little(stream, value, 4);

    private static void UInt64(Stream stream, ulong value) => Little(stream, value, 8);

    private static void Little(Stream stream, ulong value, int bytes)
    {
        Span<byte> buffer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(buffer, value);
        stream.Write(buffer[..bytes]);
    }
}
