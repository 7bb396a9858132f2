using System.Buffers.Binary;
using System.Text.Json;

namespace FineTuneChat.Gguf.Safetensors;

/// <summary>
/// The head of a safetensors file (https://huggingface.co/docs/safetensors): its length, then JSON that says where each tensor lies. Every number is checked
/// against the file before it is used, as the format asks for: ranges neither overlap nor leave holes.
/// </summary>
internal static class SafetensorsHeader
{
    private const int LengthBytes = 8, LongestHeader = 100_000_000, MostDimensions = 8;
    private const long LongestSide = 1L << 40;

    private static readonly Dictionary<string, int> Bits = new(StringComparer.Ordinal)
    {
        ["F64"] = 64, ["F32"] = 32, ["F16"] = 16, ["BF16"] = 16, ["F8_E4M3"] = 8, ["F8_E5M2"] = 8, ["F8_E8M0"] = 8, ["F4"] = 4, ["BOOL"] = 8,
        ["I64"] = 64, ["I32"] = 32, ["I16"] = 16, ["I8"] = 8, ["U64"] = 64, ["U32"] = 32, ["U16"] = 16, ["U8"] = 8,
    };

    /// <summary>Reads and checks the head.</summary>
    /// <exception cref="InvalidDataException">It lies about the file; the message says where.</exception>
    public static IReadOnlyList<SafetensorsTensor> Read(string path, Stream stream)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        if (stream.ReadAtLeast(length, LengthBytes, throwOnEndOfStream: false) < LengthBytes)
            throw Bad(path, $"it has {stream.Length} bytes, fewer than the smallest safetensors file");
        long bytes = BinaryPrimitives.ReadInt64LittleEndian(length), left = stream.Length - LengthBytes;
        if (bytes is < 2 or > LongestHeader)
            throw Bad(path, $"it is no safetensors file: its first 8 bytes say that the header has {(ulong)bytes} bytes");
        if (bytes > left)
            throw Bad(path, $"it ends within its header, after {stream.Length} bytes: it was cut off");
        var text = new byte[bytes];
        stream.ReadExactly(text);
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return Checked(path, [.. json.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__").Select(e => Tensor(path, e))], left - bytes,
                LengthBytes + bytes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Bad(path, $"it is no safetensors file: its header is not what the format asks for ({e.Message.TrimEnd('.')})");
        }
    }

    public static InvalidDataException Bad(string path, string why) => new($"{path} cannot be used: {why}. Download it again, or save the model again.");

    private static SafetensorsTensor Tensor(string path, JsonProperty entry)
    {
        string type = entry.Value.GetProperty("dtype").GetString() ?? "null";
        long[] shape = Numbers("shape"), offsets = Numbers("data_offsets");
        if (!Bits.ContainsKey(type))
            throw Bad(path, $"'{entry.Name}' is of type '{type}', which the format does not have");
        if (shape.Length > MostDimensions || shape.Any(size => size is < 0 or > LongestSide) || offsets is not [var start, var end] || start < 0 || end < start)
            throw Bad(path, $"'{entry.Name}' has an impossible shape or place");
        return new SafetensorsTensor(entry.Name, type, shape, start, end - start);

        long[] Numbers(string name) => [.. entry.Value.GetProperty(name).EnumerateArray().Select(n => n.GetInt64())];
    }

    private static SafetensorsTensor[] Checked(string path, SafetensorsTensor[] tensors, long dataBytes, long dataStart)
    {
        if (tensors.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw Bad(path, $"it has two tensors '{twice.Key}'");
        SafetensorsTensor? before = null;
        long end = 0;
        foreach (SafetensorsTensor tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.Bytes))
        {
            if (BytesOf(tensor) != tensor.Bytes)
                throw Bad(path, $"'{tensor.Name}' has {tensor.Bytes} bytes; [{string.Join(", ", tensor.Shape)}] of {tensor.StoredAs} are {BytesOf(tensor)}");
            if (tensor.Offset < end)
                throw Bad(path, $"'{tensor.Name}' lies over '{before!.Name}'");
            if (tensor.Offset > end)
                throw Bad(path, $"no tensor has the bytes {end} to {tensor.Offset} of its data");
            (before, end) = (tensor, tensor.Offset + tensor.Bytes);
            if (end > dataBytes)
                throw Bad(path, $"it ends within '{tensor.Name}', {end - dataBytes} bytes too early: it was cut off");
        }

        return end == dataBytes
            ? [.. tensors.Select(t => t with { Offset = dataStart + t.Offset })]
            : throw Bad(path, $"{dataBytes - end} bytes follow its last tensor");
    }

    private static Int128 BytesOf(SafetensorsTensor tensor) => (tensor.Shape.Aggregate((Int128)1, (product, size) => product * size) * Bits[tensor.StoredAs]) / 8;
}
