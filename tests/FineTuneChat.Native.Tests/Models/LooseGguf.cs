using System.Text;
using FineTuneChat.Gguf;

namespace FineTuneChat.Native.Tests.Models;

/// <summary>A tensor as a file describes it, whether that makes sense or not.</summary>
internal sealed record LooseTensor(string Name, uint Type, ulong[] Shape, ulong Offset, byte[] Data);

/// <summary>A GGUF file in its parts, which can be changed into what no sound writer would write.</summary>
internal sealed class LooseGguf
{
    private const int Alignment = 32;

    private static readonly Dictionary<Type, uint> Types = new()
    {
        [typeof(byte)] = 0,
        [typeof(sbyte)] = 1,
        [typeof(ushort)] = 2,
        [typeof(short)] = 3,
        [typeof(uint)] = 4,
        [typeof(int)] = 5,
        [typeof(float)] = 6,
        [typeof(bool)] = 7,
        [typeof(string)] = 8,
        [typeof(ulong)] = 10,
        [typeof(long)] = 11,
        [typeof(double)] = 12,
    };

    public List<(string Key, object Value)> Entries { get; } = [];

    public List<LooseTensor> Tensors { get; } = [];

    public static LooseGguf Read(string path)
    {
        GgufFile file = GgufFile.Open(path);
        byte[] bytes = File.ReadAllBytes(path);
        long data = file.Tensors.Min(t => t.Offset);
        var loose = new LooseGguf();
        foreach (string key in file.Metadata.Keys)
        {
            file.Metadata.TryGet(key, out object? value);
            loose.Entries.Add((key, value!));
        }

        loose.Tensors.AddRange(file.Tensors.Select(t => new LooseTensor(
            t.Name, (uint)t.Type, [.. t.Shape.Select(d => (ulong)d)], (ulong)(t.Offset - data), bytes[(int)t.Offset..(int)(t.Offset + t.Bytes)])));
        return loose;
    }

    /// <summary>Lays the tensors out anew, each with as many bytes as its type and shape ask for, so that only what they say is wrong.</summary>
    public void LayOut()
    {
        ulong offset = 0;
        for (int i = 0; i < Tensors.Count; i++)
        {
            LooseTensor tensor = Tensors[i];
            ulong bytes = SizeOf(tensor) is { } size and <= 1 << 24 ? size : (ulong)tensor.Data.Length;
            byte[] data = tensor.Data;
            Array.Resize(ref data, (int)bytes);
            Tensors[i] = tensor with { Offset = offset, Data = data };
            offset += (bytes + Alignment - 1) / Alignment * Alignment;
        }
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)Tensors.Count);
        writer.Write((ulong)Entries.Count);
        foreach (var (key, value) in Entries)
            WriteEntry(writer, key, value);
        foreach (LooseTensor tensor in Tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Length);
            foreach (ulong size in tensor.Shape)
                writer.Write(size);
            writer.Write(tensor.Type);
            writer.Write(tensor.Offset);
        }

        foreach (LooseTensor tensor in Tensors)
        {
            Pad(stream);
            writer.Write(tensor.Data);
        }

        Pad(stream);
        return stream.ToArray();
    }

    private static ulong? SizeOf(LooseTensor tensor)
    {
        var type = (GgmlType)tensor.Type;
        if (!GgmlTypes.IsKnown(type) || tensor.Shape.Length == 0 || tensor.Shape.Any(s => s is 0 or > 1 << 24))
            return null;
        ulong rows = tensor.Shape.Skip(1).Aggregate(1ul, (product, size) => Math.Min(product * size, 1 << 24));
        return tensor.Shape[0] / (ulong)GgmlTypes.BlockSize(type) * (ulong)GgmlTypes.BlockBytes(type) * rows;
    }

    private static void WriteEntry(BinaryWriter writer, string key, object value)
    {
        WriteText(writer, key);
        if (value is not Array array)
        {
            writer.Write(Types[value.GetType()]);
            WriteScalar(writer, value);
            return;
        }

        writer.Write(9u);
        writer.Write(Types[array.GetType().GetElementType()!]);
        writer.Write((ulong)array.Length);
        foreach (object element in array)
            WriteScalar(writer, element);
    }

    private static void WriteScalar(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case string text: WriteText(writer, text); break;
            case bool flag: writer.Write(flag); break;
            case byte v: writer.Write(v); break;
            case sbyte v: writer.Write(v); break;
            case ushort v: writer.Write(v); break;
            case short v: writer.Write(v); break;
            case uint v: writer.Write(v); break;
            case int v: writer.Write(v); break;
            case float v: writer.Write(v); break;
            case ulong v: writer.Write(v); break;
            case long v: writer.Write(v); break;
            case double v: writer.Write(v); break;
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(Stream stream) => stream.Write(new byte[(Alignment - (int)(stream.Position % Alignment)) % Alignment]);
}
