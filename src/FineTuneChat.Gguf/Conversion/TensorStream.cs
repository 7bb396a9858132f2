using System.Numerics.Tensors;
using FineTuneChat.Gguf.Safetensors;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>Copies a tensor from its file into a stream, a few megabytes at a time: as other numbers, in another order of rows, and never a number that is none.</summary>
internal sealed class TensorStream(SafetensorsFolder weights)
{
    private const int ChunkElements = 1 << 20;

    private byte[] _read = [], _written = [];
    private float[] _values = [];

    /// <summary>Writes the tensor.</summary>
    /// <exception cref="InvalidDataException">It has numbers that are not finite, or too large for F16.</exception>
    public void Write(PlannedTensor tensor, GgmlType type, Stream target)
    {
        if (tensor.Source is not { } source)
        {
            Put(type, tensor.Values, target);
            return;
        }

        GgmlType from = source.Type!.Value;
        int width = (int)GgmlTypes.RowBytes(from, 1), chunk = ChunkOf(tensor);
        for (long done = 0; done < source.ElementCount; done += chunk)
        {
            int count = (int)Math.Min(chunk, source.ElementCount - done);
            Span<byte> bytes = Room(ref _read, count * width);
            weights.Read(source, done * width, bytes);
            if (tensor.PermutedRows > 0)
                bytes = Permuted(bytes, tensor.PermutedRows, rows: count / RowElements(tensor));
            Span<float> values = Room(ref _values, count);
            FloatEncoding.Decode(from, bytes, values);
            Require(source, type, values);
            if (from == type && tensor.Added == 0)
            {
                target.Write(bytes);
                continue;
            }

            if (tensor.Added != 0)
                TensorPrimitives.Add(values, tensor.Added, values);
            Put(type, values, target);
        }
    }

    /// <summary>Whole heads, where their rows change places.</summary>
    private static int ChunkOf(PlannedTensor tensor)
    {
        long head = Math.Max(1, tensor.PermutedRows) * (long)RowElements(tensor);
        return checked((int)(tensor.PermutedRows > 0 ? head * Math.Max(1, ChunkElements / head) : ChunkElements));
    }

    private static int RowElements(PlannedTensor tensor) => tensor.Shape.Count == 1 ? 1 : (int)tensor.Shape[0];

    private Span<byte> Permuted(ReadOnlySpan<byte> bytes, int headRows, int rows)
    {
        var order = new HeadPermutation(headRows);
        int rowBytes = bytes.Length / rows;
        Span<byte> target = Room(ref _written, bytes.Length);
        for (int row = 0; row < rows; row++)
            bytes.Slice(row * rowBytes, rowBytes).CopyTo(target[((int)order.InGguf(row) * rowBytes)..]);
        (_read, _written) = (_written, _read);
        return target;
    }

    private void Put(GgmlType type, ReadOnlySpan<float> values, Stream target)
    {
        Span<byte> bytes = Room(ref _written, (int)GgmlTypes.RowBytes(type, values.Length));
        FloatEncoding.Encode(type, values, bytes);
        target.Write(bytes);
    }

    private void Require(SafetensorsTensor source, GgmlType type, ReadOnlySpan<float> values)
    {
        float most = TensorPrimitives.MaxMagnitude(values);
        if (!float.IsFinite(most))
            throw new InvalidDataException($"{weights.PathOf(source)}: '{source.Name}' holds numbers that are not finite (NaN or infinite): the file is damaged, or "
                + "its training has failed. Get it again, or take an earlier checkpoint.");
        if (type == GgmlType.F16 && MathF.Abs(most) >= FloatEncoding.HalfLimit)
            throw new InvalidDataException($"{weights.PathOf(source)}: '{source.Name}' holds {most}, which is too large for F16; convert with --type BF16.");
    }

    private static Span<T> Room<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new T[length];
        return buffer.AsSpan(0, length);
    }
}
