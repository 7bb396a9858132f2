using FineTuneChat.Gguf;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Training.Export;

/// <summary>Whether a file and what it is made from fit on the disk, side by side for a moment.</summary>
internal static class DiskSpace
{
    private const int HalfBytes = 2, FloatBytes = 4;

    /// <exception cref="IOException">There is not enough for an export: a merged copy in high precision, and the result.</exception>
    public static void Require(string outPath, GgufFile model, LoraAdapter adapter)
    {
        long merged = model.Tensors.Sum(t => adapter.Find(t.Name) is null ? t.Bytes : t.ElementCount * (t.Type == GgmlType.F32 ? FloatBytes : HalfBytes));
        long result = model.Tensors.Sum(t => t.ElementCount * HalfBytes);
        Require(outPath, merged + result + (adapter.Parameters.Count * FloatBytes), "export");
    }

    /// <exception cref="IOException">There are fewer bytes.</exception>
    public static void Require(string outPath, long bytes, string verb)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(outPath))!;
        Directory.CreateDirectory(folder);
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < bytes)
            throw new IOException($"Not enough disk space to {verb} to {folder}: up to {bytes >> 20} MiB are needed meanwhile, {free >> 20} MiB are free.");
    }
}
