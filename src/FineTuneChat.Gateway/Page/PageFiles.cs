using System.Collections.Concurrent;
using Microsoft.Extensions.FileProviders;

namespace FineTuneChat.Gateway.Page;

/// <summary>
/// The page's files, each under an address that changes with its content (<c>/app.js?v=0a1b…</c>), so that a browser asks for it once and never again.
/// A file is read again when it has changed on disk: who edits the page sees it at the next reload, without a build.
/// </summary>
internal sealed class PageFiles(IFileProvider root)
{
    /// <summary>The parameter of an address that holds the fingerprint.</summary>
    public const string Version = "v";

    private readonly ConcurrentDictionary<string, PageFile> _read = new(StringComparer.OrdinalIgnoreCase);

    public bool Has(string path) => Exists(root.GetFileInfo(path));

    public string ReadText(string path)
    {
        using var reader = new StreamReader(root.GetFileInfo(path).CreateReadStream());
        return reader.ReadToEnd();
    }

    public PageFile Of(IFileInfo file)
    {
        string key = file.PhysicalPath ?? file.Name;
        return _read.TryGetValue(key, out PageFile? known) && known.Is(file) ? known : _read[key] = PageFile.Read(file);
    }

    /// <summary>The file's address with its fingerprint; null when there is no such file.</summary>
    /// <param name="path">From the root of the page, beginning with a slash.</param>
    public string? Address(string path) => root.GetFileInfo(path) is var file && Exists(file) ? $"{path}?{Version}={Of(file).Fingerprint}" : null;

    /// <summary>The paths of all modules, in the order of their names.</summary>
    public IEnumerable<string> Modules(string folder = "/") =>
        from file in root.GetDirectoryContents(folder).OrderBy(file => file.Name, StringComparer.Ordinal)
        from path in file.IsDirectory ? Modules($"{folder}{file.Name}/") : PageFile.IsModule(file.Name) ? [$"{folder}{file.Name}"] : Enumerable.Empty<string>()
        select path;

    /// <summary>The paths of what a module imports as it starts, and what that imports, nearest first; itself is the first.</summary>
    public IReadOnlyList<string> Graph(string module)
    {
        List<string> found = [module];
        for (int next = 0; next < found.Count; next++)
        {
            var address = new Uri($"page://{found[next]}");
            string[] imports = root.GetFileInfo(found[next]) is var file && Exists(file)
                ? [.. Of(file).Imports.Select(import => new Uri(address, import).AbsolutePath).Where(Has)]
                : [];
            found.AddRange(imports.Except(found).ToArray());
        }
        return found;
    }

    private static bool Exists(IFileInfo file) => file is { Exists: true, IsDirectory: false };
}
