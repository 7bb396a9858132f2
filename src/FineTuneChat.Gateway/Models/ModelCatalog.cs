using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Models;

/// <summary>A GGUF file on this machine, by the name that clients use.</summary>
internal sealed record LocalModel(string Name, string Path)
{
    public DateTimeOffset ModifiedAt => File.GetLastWriteTimeUtc(Path);
}

/// <summary>The local models: <c>models/NAME.gguf</c>, and <c>models/NAME/</c> with a single GGUF file in it.</summary>
internal sealed class ModelCatalog(string folder)
{
    /// <summary>By name. Read from the folder each time: users put files there while the server runs.</summary>
    public IReadOnlyList<LocalModel> List()
    {
        if (!Directory.Exists(folder))
            return [];
        IEnumerable<LocalModel> files = Files(folder).Select(ByFile);
        IEnumerable<LocalModel> folders = Directory.EnumerateDirectories(folder)
            .SelectMany(d => Files(d) is [string only] ? [new LocalModel(System.IO.Path.GetFileName(d), only)] : Files(d).Select(ByFile));
        return [.. files.Concat(folders).DistinctBy(m => m.Name).OrderBy(m => m.Name, StringComparer.Ordinal)];
    }

    public LocalModel? Find(string name) => List().FirstOrDefault(m => m.Name == name);

    /// <exception cref="UserException">There is neither such a name nor such a file.</exception>
    public LocalModel Resolve(string nameOrPath)
    {
        if (Find(nameOrPath) is { } known)
            return known;
        if (File.Exists(nameOrPath))
            return ByFile(System.IO.Path.GetFullPath(nameOrPath));
        string[] names = [.. List().Select(m => m.Name)];
        string have = names.Length > 0 ? $"Models there: {string.Join(", ", names)}." : "There is no GGUF file there.";
        throw new UserException(
            $"The model '{nameOrPath}' is neither a name in {folder} nor a file. {have} Put a .gguf file there, or name one with --model FILE.");
    }

    private static LocalModel ByFile(string path) => new(System.IO.Path.GetFileNameWithoutExtension(path), path);

    private static string[] Files(string directory) => [.. Directory.EnumerateFiles(directory, "*.gguf").Order(StringComparer.Ordinal)];
}
