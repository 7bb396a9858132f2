using FineTuneChat.Gguf;

namespace FineTuneChat.Training.Lora.Peft;

/// <summary>What became of an adapter's folder.</summary>
/// <param name="Architecture">The base's.</param>
/// <param name="Rank">Of its matrices.</param>
/// <param name="Alpha">It counts alpha / rank.</param>
/// <param name="Layers">Weights that it adapts.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record AdapterReport(string Architecture, int Rank, float Alpha, int Layers, long Bytes);

/// <summary>A folder with PEFT's two files becomes <c>adapter.gguf</c>.</summary>
public static class AdapterConversion
{
    /// <summary>Whether a folder has an adapter, and no model.</summary>
    /// <param name="folder">Which one.</param>
    public static bool IsAdapter(string folder) => File.Exists(Path.Combine(folder, PeftAdapter.ConfigName));

    /// <summary>Converts it. The file appears under its name only when it is complete.</summary>
    /// <param name="folder">With <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</param>
    /// <param name="basePath">The GGUF of the model that it was trained on.</param>
    /// <param name="target">The file to write.</param>
    /// <exception cref="InvalidDataException">It is corrupt, no plain LoRA, or its matrices do not fit the base.</exception>
    /// <exception cref="IOException">A file is missing, or cannot be read or written.</exception>
    public static AdapterReport Write(string folder, string basePath, string target)
    {
        GgufFile model = GgufFile.Open(basePath);
        using LoraAdapter adapter = PeftAdapter.Load(folder, model);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        LoraFile.Save(target, adapter, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        return new AdapterReport(adapter.Architecture, adapter.Rank, adapter.Alpha, adapter.Weights.Count, new FileInfo(target).Length);
    }
}
