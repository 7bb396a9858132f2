using FineTuneChat.Gguf;

namespace FineTuneChat.Training.Export;

/// <summary>
/// The files that an export needs until it is done, in a folder beside its target. They are removed at its end; a process that is killed leaves them, and
/// then the next export into the same folder removes them.
/// </summary>
internal sealed class ExportScratch : IDisposable
{
    private const string Ending = ".export.partial", LockName = "lock";

    private readonly string _folder;
    private readonly FileStream _lock; // the system gives it back when the process ends, however it ends

    /// <param name="outPath">The file that the export will write.</param>
    /// <exception cref="IOException">The folder cannot be written, or another export to the same file is running.</exception>
    public ExportScratch(string outPath)
    {
        _folder = Path.GetFullPath(outPath) + Ending;
        string parent = Path.GetDirectoryName(_folder)!;
        Directory.CreateDirectory(parent);
        foreach (string folder in Directory.GetDirectories(parent, "*" + Ending))
            RemoveLeft(folder);
        Directory.CreateDirectory(_folder);
        _lock = Lock(_folder, FileMode.OpenOrCreate);
    }

    /// <summary>The model with its adapter, or as it was converted, in high precision.</summary>
    public string Merged => Path.Combine(_folder, "merged.gguf");

    /// <summary>The file that becomes the target.</summary>
    public string Quantised => Path.Combine(_folder, "quantised.gguf");

    /// <summary>The adapter as llama.cpp reads it.</summary>
    public string Adapter => Path.Combine(_folder, "adapter.gguf");

    /// <summary>Gives one of the files, once it is whole and on disk, its name.</summary>
    /// <returns>Its size.</returns>
    public static long Publish(string path, string outPath)
    {
        long bytes = GgufFile.Open(path).Length; // a truncated file does not get the name
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
            file.Flush(flushToDisk: true);
        File.Move(path, outPath, overwrite: true);
        return bytes;
    }

    public void Dispose()
    {
        _lock.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static void RemoveLeft(string folder)
    {
        try
        {
            Lock(folder, FileMode.Open).Dispose();
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // its export is running, or it is somebody else's
        }
    }

    private static FileStream Lock(string folder, FileMode mode) =>
        new(Path.Combine(folder, LockName), mode, FileAccess.ReadWrite, FileShare.None);
}
