using FineTuneChat.Gateway.Storage;

namespace FineTuneChat.Gateway.Upstream;

/// <summary>The folder that this machine and the server elsewhere share: in it, one folder for each adapter that is served, whole or not there.</summary>
/// <param name="settings">Where it is, and what the other side calls it.</param>
/// <param name="data">Where it is otherwise.</param>
internal sealed class AdapterShelf(UpstreamSettings settings, DataFolder data)
{
    private readonly string _here = settings.AdapterFolder.Length > 0 ? Path.GetFullPath(settings.AdapterFolder) : Path.Combine(data.Root, "adapters");

    /// <summary>An adapter's folder as the server knows it.</summary>
    public string PathThere(string name) =>
        settings.AdapterFolderThere.Length > 0 ? $"{settings.AdapterFolderThere.TrimEnd('/')}/{name}" : Path.Combine(_here, name);

    /// <summary>Copies an adapter's files there, unless they are there already.</summary>
    /// <param name="name">Its folder.</param>
    /// <param name="files">The first one tells whether they are the same.</param>
    /// <exception cref="IOException">They cannot be copied.</exception>
    public void Put(string name, IReadOnlyList<string> files)
    {
        string folder = Path.Combine(_here, name), unfinished = folder + DataFolder.Unfinished;
        if (IsSame(files[0], Path.Combine(folder, Path.GetFileName(files[0]))))
            return;
        Delete(unfinished);
        Directory.CreateDirectory(unfinished);
        foreach (string file in files)
        {
            string copy = Path.Combine(unfinished, Path.GetFileName(file));
            using (FileStream source = File.OpenRead(file), target = File.Create(copy)) // as readable as the folder is: the server is another user, perhaps
                source.CopyTo(target);
            File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(file));
        }
        Delete(folder);
        Directory.Move(unfinished, folder);
    }

    public void Remove(string name) => Delete(Path.Combine(_here, name));

    private static bool IsSame(string file, string copy) => File.Exists(copy)
        && (new FileInfo(file).Length, File.GetLastWriteTimeUtc(file)) == (new FileInfo(copy).Length, File.GetLastWriteTimeUtc(copy));

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
