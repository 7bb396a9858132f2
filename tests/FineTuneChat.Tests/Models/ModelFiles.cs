using FineTuneChat.Gguf;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Tests.Models;

/// <summary>Files for hubs and folders of tests, made once.</summary>
internal static class ModelFiles
{
    /// <summary>A sound model of about 2 MB.</summary>
    public static byte[] Model { get; } = Bytes(path => RandomModel.Write(path, new RandomModelShape(Width: 128, FeedForward: 512)));

    public static byte[] Small { get; } = Bytes(path => RandomModel.Write(path, new RandomModelShape(Layers: 1, Width: 32, FeedForward: 32)));

    public static byte[] Adapter { get; } = Described(("general.type", "adapter"), ("general.architecture", "llama"), ("adapter.type", "lora"));

    public static byte[] Projector { get; } = Described(("general.architecture", "clip"));

    /// <summary>A sound file, but no model that llama.cpp could use.</summary>
    public static byte[] Unusable { get; } = Described(("general.architecture", "llama"));

    /// <summary>The two parts of a split model.</summary>
    public static byte[][] Split()
    {
        using var folder = new TemporaryFolder();
        GgufFile whole = GgufFile.Open(RandomModel.Write(folder["whole.gguf"]));
        return [.. Enumerable.Range(0, 2).Select(part =>
        {
            var writer = new GgufWriter();
            if (part == 0)
                writer.Metadata.CopyFrom(whole.Metadata);
            writer.Metadata.Set("split.no", (ushort)part);
            writer.Metadata.Set("split.count", (ushort)2);
            using FileStream weights = File.OpenRead(whole.Path);
            foreach (GgufTensorInfo tensor in whole.Tensors.Where((_, i) => i % 2 == part))
                writer.Add(tensor.Name, tensor.Type, tensor.Shape, stream =>
                {
                    byte[] bytes = new byte[tensor.Bytes];
                    weights.Position = tensor.Offset;
                    weights.ReadExactly(bytes);
                    stream.Write(bytes);
                });
            writer.Save(folder[$"{part}.gguf"]);
            return File.ReadAllBytes(folder[$"{part}.gguf"]);
        })];
    }

    private static byte[] Described(params (string Key, object Value)[] entries) => Bytes(path =>
    {
        var writer = new GgufWriter();
        foreach ((string key, object value) in entries)
            writer.Metadata.Set(key, value);
        writer.Add("x.weight", [32], new float[32]);
        writer.Save(path);
    });

    private static byte[] Bytes(Action<string> write)
    {
        using var folder = new TemporaryFolder();
        write(folder["m.gguf"]);
        return File.ReadAllBytes(folder["m.gguf"]);
    }
}
