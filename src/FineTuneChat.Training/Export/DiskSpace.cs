using FineTuneChat.Gguf;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Export;

/// <summary>A merged copy in high precision and the result exist side by side for a moment.</summary>
internal static class DiskSpace
{
    private const int HalfBytes = 2, FloatBytes = 4;

    /// <exception cref="IOException">There is not enough for an export.</exception>
    public static void Require(string outPath, GgufFile model, LoraAdapter adapter)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(outPath))!;
        Directory.CreateDirectory(folder);
        long merged = model.Tensors.Sum(t => adapter.Find(t.Name) is null ? t.Bytes : t.ElementCount * (t.Type == GgmlType.F32 ? FloatBytes : HalfBytes));
        long result = model.Tensors.Sum(t => t.ElementCount * HalfBytes), bytes = merged + result + (adapter.Parameters.Count * FloatBytes);
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < bytes)
            throw new IOException(
                $"Not enough disk space to export to {folder}: up to {bytes >> 20} MiB are needed while the model is merged and quantised, "
                + $"{free >> 20} MiB are free.");
    }
}
