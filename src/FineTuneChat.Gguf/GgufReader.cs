using System.Buffers.Binary;
using System.Text;

namespace FineTuneChat.Gguf;

/// <summary>Reads a GGUF header from a stream, distrusting every number in it.</summary>
internal sealed class GgufReader(string path, Stream stream)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly long _length = stream.Length;
    private readonly byte[] _scratch = new byte[8];
    private long _position;

    public GgufFile Read()
    {
        // 1. Magic, version, counts.
        (long tensorCount, long entryCount) = ReadCounts();

        // 2. Metadata.
        var metadata = new GgufMetadata();
        for (long i = 0; i < entryCount; i++)
            ReadEntry(metadata);

        // 3. Tensor descriptions, then the data's place.
        long alignment = Alignment(metadata);
        var described = new List<(string Name, GgmlType Type, long[] Shape, long Relative, long Bytes, long At)>((int)tensorCount);
        for (long i = 0; i < tensorCount; i++)
            described.Add(ReadTensor(alignment));
        long data = (_position + alignment - 1) / alignment * alignment;
        return new GgufFile(path, metadata, Place(described, data), _length);
    }

    /// <summary>The first entries, up to the vocabulary: writers put it last.</summary>
    public GgufMetadata ReadGeneral()
    {
        var metadata = new GgufMetadata();
        (_, long entries) = ReadCounts();
        for (long i = 0; i < entries && ReadEntry(metadata) is { } key && !key.StartsWith("tokenizer.", StringComparison.Ordinal); i++)
        {
        }
        return metadata;
    }

    private (long Tensors, long Entries) ReadCounts()
    {
        if (!Take(4).SequenceEqual("GGUF"u8))
            throw Fault(0, "it does not begin with 'GGUF'");
        uint version = UInt32();
        if (version is not (2 or 3))
            throw Fault(4, $"version {version} is not supported; 2 and 3 are");
        long tensors = Count(GgufLimits.Tensors, "tensors");
        return (tensors, Count(GgufLimits.Entries, "metadata entries"));
    }

    private string ReadEntry(GgufMetadata metadata)
    {
        long at = _position;
        string key = String(GgufLimits.KeyBytes, "a key");
        if (key.Length == 0 || key.Any(char.IsControl)) // llama.cpp would read it up to a zero byte: as another one
            throw Fault(at, "a key is empty or has control characters");
        if (metadata.Contains(key))
            throw Fault(at, $"the key '{key}' appears twice");
        var type = (GgufValueType)UInt32();
        metadata.Set(key, type == GgufValueType.Array ? ReadArray(key) : ReadScalar(type, key));
        return key;
    }

    private object ReadScalar(GgufValueType type, string key) => type switch
    {
        GgufValueType.UInt8 => Take(1)[0],
        GgufValueType.Int8 => (sbyte)Take(1)[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(Take(2)),
        GgufValueType.UInt32 => UInt32(),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
        GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
        GgufValueType.Bool => Take(1)[0] switch { 0 => false, 1 => true, byte b => throw Fault(_position - 1, $"'{key}' is a boolean with value {b}") },
        GgufValueType.String => String(GgufLimits.StringBytes, $"the value of '{key}'"),
        GgufValueType.UInt64 => UInt64(),
        GgufValueType.Int64 => (long)UInt64(),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
        _ => throw Fault(_position - 4, $"'{key}' has the unknown type {(uint)type}"),
    };

    private Array ReadArray(string key)
    {
        var type = (GgufValueType)UInt32();
        if (type == GgufValueType.Array || type > GgufValueType.Float64)
            throw Fault(_position - 4, $"'{key}' is an array of the unsupported type {(uint)type}");
        long count = Count(GgufLimits.ArrayElements, $"elements in '{key}'", GgufValueTypes.MinimumBytes(type));
        return type switch
        {
            GgufValueType.UInt8 => Fill<byte>(),
            GgufValueType.Int8 => Fill<sbyte>(),
            GgufValueType.UInt16 => Fill<ushort>(),
            GgufValueType.Int16 => Fill<short>(),
            GgufValueType.UInt32 => Fill<uint>(),
            GgufValueType.Int32 => Fill<int>(),
            GgufValueType.Float32 => Fill<float>(),
            GgufValueType.Bool => Fill<bool>(),
            GgufValueType.String => Fill<string>(),
            GgufValueType.UInt64 => Fill<ulong>(),
            GgufValueType.Int64 => Fill<long>(),
            _ => Fill<double>(),
        };

        T[] Fill<T>()
        {
            var array = new T[count];
            for (long i = 0; i < count; i++)
                array[i] = (T)ReadScalar(type, key);
            return array;
        }
    }

    private long Alignment(GgufMetadata metadata)
    {
        const int Default = 32; // and ggml's least: it computes on the mapped file
        if (!metadata.Contains("general.alignment"))
            return Default;
        long? alignment = metadata.Integer("general.alignment");
        if (alignment is not (>= Default and <= GgufLimits.Alignment) || (alignment & (alignment - 1)) != 0)
            throw Fault(_position, $"general.alignment is {alignment}; a power of two from {Default} to {GgufLimits.Alignment} is allowed");
        return alignment.Value;
    }

    private (string Name, GgmlType Type, long[] Shape, long Relative, long Bytes, long At) ReadTensor(long alignment)
    {
        long at = _position;
        string name = String(GgufLimits.NameBytes, "a tensor's name");
        if (name.Length == 0 || name.Any(char.IsControl))
            throw Fault(at, "a tensor's name is empty or has control characters");
        uint dimensions = UInt32();
        if (dimensions is 0 or > GgufLimits.Dimensions)
            throw Fault(at, $"tensor '{name}' has {dimensions} dimensions; 1 to {GgufLimits.Dimensions} are allowed");

        var shape = new long[dimensions];
        long elements = 1;
        for (int i = 0; i < dimensions; i++)
        {
            ulong size = UInt64();
            if (size == 0 || size > long.MaxValue || (ulong)elements > (ulong)long.MaxValue / size)
                throw Fault(at, $"tensor '{name}' has dimension {i} of size {size}");
            shape[i] = (long)size;
            elements *= shape[i];
        }

        var type = (GgmlType)UInt32();
        if (!GgmlTypes.IsKnown(type))
            throw Fault(at, $"tensor '{name}' has the unsupported type {(uint)type}");
        if (shape[0] % GgmlTypes.BlockSize(type) != 0)
            throw Fault(at, $"tensor '{name}' has rows of {shape[0]} elements, not a multiple of the block size {GgmlTypes.BlockSize(type)} of {type}");

        long blocks = elements / GgmlTypes.BlockSize(type);
        if (blocks > _length / GgmlTypes.BlockBytes(type))
            throw Fault(at, $"tensor '{name}' would be longer than the file");
        ulong relative = UInt64();
        if (relative > (ulong)_length || (long)relative % alignment != 0)
            throw Fault(at, $"tensor '{name}' has the offset {relative}, which is outside the file or not a multiple of {alignment}");
        return (name, type, shape, (long)relative, blocks * GgmlTypes.BlockBytes(type), at);
    }

    private List<GgufTensorInfo> Place(List<(string Name, GgmlType Type, long[] Shape, long Relative, long Bytes, long At)> described, long data)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var tensors = new List<GgufTensorInfo>(described.Count);
        foreach (var (name, type, shape, relative, bytes, at) in described)
        {
            if (!names.Add(name))
                throw Fault(at, $"tensor '{name}' appears twice");
            if (data > _length || relative > _length - data || bytes > _length - data - relative)
                throw Fault(at, $"tensor '{name}' ends at byte {data + relative + bytes}, but the file has {_length} (an incomplete download?)");
            tensors.Add(new GgufTensorInfo(name, type, shape, data + relative, bytes));
        }

        long end = 0;
        foreach (GgufTensorInfo tensor in tensors.OrderBy(t => t.Offset))
        {
            if (tensor.Offset < end)
                throw Fault(tensor.Offset, $"tensor '{tensor.Name}' overlaps another one");
            end = tensor.Offset + tensor.Bytes;
        }

        return tensors;
    }

    /// <summary>A count that the rest of the file could hold.</summary>
    private long Count(long limit, string what, int bytesEach = 8)
    {
        long at = _position;
        ulong count = UInt64();
        if (count > (ulong)limit)
            throw Fault(at, $"it declares {count} {what}; at most {limit} are allowed");
        if ((long)count > (_length - _position) / bytesEach)
            throw Fault(at, $"it declares {count} {what}, more than the rest of the file can hold");
        return (long)count;
    }

    private string String(int limit, string what)
    {
        long at = _position;
        ulong length = UInt64();
        if (length > (ulong)limit || (long)length > _length - _position)
            throw Fault(at, $"{what} has {length} bytes; at most {Math.Min(limit, _length - _position)} are possible here");
        byte[] bytes = new byte[length];
        Fill(bytes);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Fault(at, $"{what} is not valid UTF-8");
        }
    }

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    private ReadOnlySpan<byte> Take(int count)
    {
        Span<byte> target = _scratch.AsSpan(0, count);
        Fill(target);
        return target;
    }

    private void Fill(Span<byte> target)
    {
        int read = stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        if (read < target.Length)
            throw Fault(_position, "the file ends in the middle of its header");
        _position += target.Length;
    }

    private GgufException Fault(long offset, string reason) => new(path, offset, reason);
}
