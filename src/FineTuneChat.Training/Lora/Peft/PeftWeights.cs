using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Safetensors;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary>A matrix of a safetensors file.</summary>
/// <param name="Rows">Outer size.</param>
/// <param name="Columns">Inner, contiguous size.</param>
/// <param name="Values">Row by row.</param>
internal sealed record SafeMatrix(int Rows, int Columns, float[] Values);

/// <summary>The matrices of an adapter in Hugging Face's safetensors format (https://huggingface.co/docs/safetensors).</summary>
internal static class PeftWeights
{
    private const int LengthBytes = 8, MostElements = 1 << 28;

    /// <summary>Reads all matrices; numbers may be F32, F16 or BF16.</summary>
    /// <exception cref="InvalidDataException">The file is corrupt, or holds something else.</exception>
    public static IReadOnlyDictionary<string, SafeMatrix> Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.Tensors.ToDictionary(tensor => tensor.Name, tensor => Matrix(file, tensor), StringComparer.Ordinal);
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

    private static SafeMatrix Matrix(SafetensorsFile file, SafetensorsTensor tensor)
    {
        if (tensor.Type is not { } type)
            throw Bad(file.Path, $"'{tensor.Name}' is stored as {tensor.StoredAs}; F32, F16 and BF16 can be read");
        if (tensor.Shape is not [> 0 and var rows, > 0 and var columns] || tensor.ElementCount > MostElements)
            throw Bad(file.Path, $"'{tensor.Name}' is no matrix of at most {MostElements} numbers");
        var bytes = new byte[tensor.Bytes];
        file.Read(tensor, 0, bytes);
        var values = new float[tensor.ElementCount];
        FloatEncoding.Decode(type, bytes, values);
        return new SafeMatrix((int)rows, (int)columns, values);
    }

    private static InvalidDataException Bad(string path, string why) => new($"{path} cannot be used: {why}.");
}
