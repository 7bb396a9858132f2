using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary>A matrix of a safetensors file.</summary>
/// <param name="Rows">Outer size.</param>
/// <param name="Columns">Inner, contiguous size.</param>
/// <param name="Values">Row by row.</param>
internal sealed record SafeMatrix(int Rows, int Columns, float[] Values);

/// <summary>
/// Files of matrices in Hugging Face's safetensors format (https://huggingface.co/docs/safetensors): the header's length, the header as JSON, the data.
/// Every length and offset is checked before it is used.
/// </summary>
internal static class SafetensorsFile
{
    private const int LengthBytes = 8;
    private const int LongestHeader = 64 << 20;

    /// <summary>Reads all matrices; numbers may be F32, F16 or BF16.</summary>
    /// <exception cref="InvalidDataException">The file is corrupt, or holds something else.</exception>
    public static IReadOnlyDictionary<string, SafeMatrix> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        long header = bytes.Length >= LengthBytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : -1;
        if (header is < 2 or > LongestHeader || header > bytes.Length - LengthBytes)
            throw Bad(path, "it is no safetensors file");
        ReadOnlySpan<byte> data = bytes.AsSpan(LengthBytes + (int)header);
        var matrices = new Dictionary<string, SafeMatrix>(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes.AsMemory(LengthBytes, (int)header));
            foreach (JsonProperty entry in document.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
                matrices[entry.Name] = Matrix(path, entry, data);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException($"{path} is not a usable safetensors file: its header is wrong ({e.Message})", e);
        }

        return matrices;
    }

    /// <summary>Writes matrices as F32; the file appears under its name only when it is complete and on disk.</summary>
    public static void Write(string path, IReadOnlyList<(string Name, SafeMatrix Matrix)> matrices)
    {
        var header = new Dictionary<string, object> { ["__metadata__"] = new { format = "pt" } };
        long offset = 0;
        foreach (var (name, matrix) in matrices)
        {
            long end = offset + ((long)matrix.Values.Length * sizeof(float));
            header[name] = new { dtype = "F32", shape = new[] { matrix.Rows, matrix.Columns }, data_offsets = new[] { offset, end } };
            offset = end;
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header);
        int padded = (text.Length + LengthBytes - 1) / LengthBytes * LengthBytes;
        using (var stream = new FileStream(path + ".partial", FileMode.Create, FileAccess.Write))
        {
            Span<byte> length = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt64LittleEndian(length, padded);
            stream.Write(length);
            stream.Write(text);
            for (int i = text.Length; i < padded; i++)
                stream.WriteByte((byte)' ');
            foreach (var (_, matrix) in matrices)
                stream.Write(MemoryMarshal.AsBytes<float>(matrix.Values));
            stream.Flush(flushToDisk: true);
        }

        File.Move(path + ".partial", path, overwrite: true);
    }

    private static SafeMatrix Matrix(string path, JsonProperty entry, ReadOnlySpan<byte> data)
    {
        string type = entry.Value.GetProperty("dtype").GetString()!;
        long[] shape = Numbers("shape"), offsets = Numbers("data_offsets");
        int width = type switch
        {
            "F32" => 4,
            "F16" or "BF16" => 2,
            _ => throw Bad(path, $"'{entry.Name}' is stored as {type}; F32, F16 and BF16 can be read"),
        };
        if (shape.Length != 2 || shape.Any(s => s is < 1 or > 1 << 24) || offsets is not [var start, var end]
            || start < 0 || end > data.Length || end - start != shape[0] * shape[1] * width)
            throw Bad(path, $"'{entry.Name}' is no matrix that lies inside the file");
        var values = new float[shape[0] * shape[1]];
        ReadOnlySpan<byte> source = data[(int)start..(int)end];
        switch (type)
        {
            case "F32":
                MemoryMarshal.Cast<byte, float>(source).CopyTo(values);
                break;
            case "F16":
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), values);
                break;
            default:
                ReadOnlySpan<ushort> brains = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)brains[i] << 16);
                break;
        }

        return new SafeMatrix((int)shape[0], (int)shape[1], values);

        long[] Numbers(string name) => [.. entry.Value.GetProperty(name).EnumerateArray().Select(n => n.GetInt64())];
    }

    private static InvalidDataException Bad(string path, string why) => new($"{path} cannot be used: {why}.");
}
