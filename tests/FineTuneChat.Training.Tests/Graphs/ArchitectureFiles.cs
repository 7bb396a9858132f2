using FineTuneChat.Native.Llama;
using FineTuneChat.Native.Loading;
using FineTuneChat.TestSupport;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>Files of <see cref="ArchitectureCases"/> in every type, each written once.</summary>
public sealed class ArchitectureFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ArchitectureFiles() => NativeLibraries.Load();

    public string this[string name, ModelFileType type]
    {
        get
        {
            string path = _folder[$"{name}.{type}.gguf"];
            if (File.Exists(path))
                return path;
            if (type == ModelFileType.F32)
                return RandomModel.Write(path, ArchitectureCases.All[name]);
            ModelQuantizer.Quantize(this[name, ModelFileType.F32], path, type, threads: 1);
            return path;
        }
    }

    /// <summary>The same weights in F32, unpacked by llama.cpp: with them it rounds no activations.</summary>
    public string Unpacked(string path)
    {
        string unpacked = Path.ChangeExtension(path, ".unpacked.gguf");
        ModelQuantizer.Quantize(path, unpacked, ModelFileType.F32, threads: 1, allowQuantizedSource: true);
        return unpacked;
    }

    internal ArchitectureTable Table { get; } = new();

    public string Temporary(string name) => _folder[name];

    public void Dispose()
    {
        _folder.Dispose();
        Table.Write();
    }
}
