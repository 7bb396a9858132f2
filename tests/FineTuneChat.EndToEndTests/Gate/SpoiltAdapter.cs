using System.Runtime.InteropServices;
using FineTuneChat.Gguf;

namespace FineTuneChat.EndToEndTests.Gate;

/// <summary>Adapters that no training would make, out of one that was trained.</summary>
internal static class SpoiltAdapter
{
    /// <summary>One that has its effect times a factor: 0 has learned nothing, 3 has the wrong scale, -1 unlearns.</summary>
    public static string Scale(string adapter, string path, float factor) =>
        Write(adapter, path, (name, values) => name.EndsWith(".lora_b", StringComparison.Ordinal) ? [.. values.Select(v => v * factor)] : values);

    /// <summary>One whose numbers are off by noise, as much as a share of their own size.</summary>
    public static string Noise(string adapter, string path, double share)
    {
        var random = new Random(1);
        return Write(adapter, path, (_, values) =>
        {
            double size = Math.Sqrt(values.Average(v => (double)v * v));
            return [.. values.Select(v => (float)(v + share * size * Normal(random)))];
        });
    }

    /// <summary>One of whose layers only some are left.</summary>
    public static string Only(string adapter, string path, Func<string, bool> isKept) =>
        Write(adapter, path, (name, values) => isKept(name) ? values : new float[values.Length]);

    private static string Write(string adapter, string path, Func<string, float[], float[]> change)
    {
        GgufFile file = GgufFile.Open(adapter);
        byte[] bytes = File.ReadAllBytes(adapter);
        var writer = new GgufWriter();
        writer.Metadata.CopyFrom(file.Metadata);
        foreach (GgufTensorInfo tensor in file.Tensors)
            writer.Add(
                tensor.Name, tensor.Shape, change(tensor.Name, MemoryMarshal.Cast<byte, float>(bytes.AsSpan((int)tensor.Offset, (int)tensor.Bytes)).ToArray()));
        writer.Save(path);
        return path;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
