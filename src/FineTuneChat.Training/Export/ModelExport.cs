using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Gguf;
using FineTuneChat.Native.Llama;
using FineTuneChat.Training.Lora;
using LoraAdapter = FineTuneChat.Training.Lora.LoraAdapter;

namespace FineTuneChat.Training.Export;

/// <summary>Merge and quantise: from base and adapter to the file that is served.</summary>
public static class ModelExport
{
    /// <summary>Types that a model can be exported to.</summary>
    public static IReadOnlyList<ModelFileType> Types { get; } =
        [ModelFileType.Q4_K_M, ModelFileType.Q5_K_M, ModelFileType.Q6_K, ModelFileType.Q8_0, ModelFileType.F16, ModelFileType.BF16];

    /// <summary>Writes the merged model; the file appears under its name only when it is complete, on disk and readable.</summary>
    /// <param name="basePath">The base model, best in F16, BF16 or F32.</param>
    /// <param name="adapterPath">Its adapter.</param>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="outPath">Where to.</param>
    /// <param name="name">The model's name in the file, null: the base's.</param>
    /// <param name="threads">Compute threads.</param>
    /// <returns>Bytes of the file.</returns>
    /// <exception cref="GgufException">A file is corrupt, or the adapter does not fit.</exception>
    /// <exception cref="IOException">The disk is full, or a file cannot be read or written; nothing is left behind.</exception>
    /// <exception cref="LlamaException">llama.cpp could not quantise.</exception>
    public static long Write(string basePath, string adapterPath, ModelFileType type, string outPath, string? name, int threads)
    {
        string merged = outPath + ".merged.partial", quantised = outPath + ".quantised.partial";
        try
        {
            using (MappedModel model = MappedModel.Open(basePath))
            using (LoraAdapter adapter = LoraFile.Load(adapterPath, model.File))
            using (var backend = new CpuBackend(threads))
            {
                RequireSpace(outPath, model.File.Length * 3);
                var metadata = new Dictionary<string, object>();
                if (name != null)
                    metadata["general.name"] = name;
                ModelMerge.Write(model, adapter, merged, metadata, backend);
            }

            ModelQuantizer.Quantize(merged, quantised, type, threads);
            long bytes = GgufFile.Open(quantised).Length; // a truncated file does not get the name
            Sync(quantised);
            File.Move(quantised, outPath, overwrite: true);
            return bytes;
        }
        finally
        {
            File.Delete(merged);
            File.Delete(quantised);
        }
    }

    /// <summary>A merged copy in high precision and the result exist side by side for a moment.</summary>
    private static void RequireSpace(string path, long bytes)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < bytes)
            throw new IOException($"Not enough disk space to export to {folder}: {bytes >> 20} MiB are needed while the model is merged and quantised, {free >> 20} MiB are free.");
    }

    private static void Sync(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }
}
