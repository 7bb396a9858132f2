using System.Numerics.Tensors;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Training.Lora;
using Tensor = FineTuneChat.Native.Ggml.Tensor;

namespace FineTuneChat.Training.Export;

/// <summary>Adds an adapter to the weights of its base: W' = W + alpha/r · B A. Written tensor by tensor, so that memory holds one at a time.</summary>
public static class ModelMerge
{
    /// <summary>Writes the merged model in high precision; adapted matrices of a quantised base become F16.</summary>
    /// <param name="model">The base.</param>
    /// <param name="adapter">Its adapter.</param>
    /// <param name="path">Where to.</param>
    /// <param name="metadata">Entries to set in the merged file beside the base's own, e.g. its name; null: to leave out.</param>
    /// <param name="backend">Where products are computed.</param>
    public static void Write(MappedModel model, LoraAdapter adapter, string path, IReadOnlyDictionary<string, object?> metadata, CpuBackend backend)
    {
        var writer = new GgufWriter();
        writer.Metadata.CopyFrom(model.File.Metadata);
        foreach (var (key, value) in metadata)
        {
            if (value is null)
                writer.Metadata.Remove(key);
            else
                writer.Metadata.Set(key, value);
        }

        foreach (GgufTensorInfo info in model.File.Tensors)
        {
            Tensor weight = model[info.Name];
            if (adapter.Find(info.Name) is not { } pair)
            {
                writer.Add(info.Name, info.Type, info.Shape, stream => CopyRaw(model, info, stream));
                continue;
            }

            GgmlType type = info.Type is GgmlType.F32 or GgmlType.BF16 ? info.Type : GgmlType.F16;
            writer.Add(info.Name, type, info.Shape, stream => WriteAs(type, Merged(weight, pair, backend), stream));
        }

        writer.Save(path);
    }

    /// <summary>W + s·B A as floats, [in, out].</summary>
    internal static float[] Merged(Tensor weight, LoraPair pair, CpuBackend backend)
    {
        float[] merged = weight.ToFloats();
        using var graph = new Graph(backend, 8);
        Tensor delta = graph.Output(graph.Scale(graph.Gemm(pair.B.Value, pair.A.Value, transposeB: true), pair.Scale)); // [in, out]
        graph.Allocate();
        graph.Compute();
        TensorPrimitives.Add(merged, delta.AsSpan<float>(), merged);
        return merged;
    }

    internal static void WriteAs(GgmlType type, ReadOnlySpan<float> values, Stream stream)
    {
        var bytes = new byte[GgmlTypes.RowBytes(type, values.Length)];
        FloatEncoding.Encode(type, values, bytes);
        stream.Write(bytes);
    }

    private static void CopyRaw(MappedModel model, GgufTensorInfo info, Stream target)
    {
        using var source = new FileStream(model.File.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        source.Position = info.Offset;
        var buffer = new byte[1 << 20];
        for (long left = info.Bytes; left > 0;)
        {
            int count = source.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
                throw new GgufException(model.File.Path, source.Position, "the file became shorter while it was read");
            target.Write(buffer, 0, count);
            left -= count;
        }
    }
}
