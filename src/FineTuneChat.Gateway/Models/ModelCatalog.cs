using System.Collections.Concurrent;
using FineTuneChat.Gateway.Models.Hub;
using FineTuneChat.Gguf;
using FineTuneChat.Gguf.Models;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Models;

/// <summary>A GGUF file on this machine, by the name that clients use.</summary>
internal sealed record LocalModel(string Name, string Path)
{
    /// <summary>The hub's name of it, where it lies in folders of that name: <c>owner/repo</c>.</summary>
    public string? Repository { get; init; }

    /// <summary>Whether it lies in a folder of another program, or came with this one: not to be deleted here.</summary>
    public bool IsForeign { get; init; }

    public DateTimeOffset ModifiedAt => File.GetLastWriteTimeUtc(Path);

    public string? Quantization => GgufFileName.Of(Path)?.Quantization;

    /// <summary>Its file's name without ending and number of the part.</summary>
    public string Stem => GgufFileName.Of(Path)?.Stem ?? System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Its file, or all its parts.</summary>
    public IEnumerable<string> Files => GgufFileName.Of(Path) is { Parts: > 1 and var parts } name
        ? Enumerable.Range(1, parts).Select(i => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, $"{name.Stem}-{i:00000}-of-{parts:00000}.gguf"))
        : [Path];
}

/// <summary>
/// The local models: <c>models/NAME.gguf</c>, <c>models/NAME/</c> with a single model in it, and as LM Studio lays them,
/// <c>models/owner/repo/NAME.gguf</c>. Adapters, projectors and later parts of split models are none.
/// </summary>
internal sealed class ModelCatalog(string folder, params string[] otherFolders)
{
    private const int Depth = 2; // folders below the first

    /// <summary>Where models may lie.</summary>
    public static readonly EnumerationOptions Everywhere = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = Depth,
        MatchCasing = MatchCasing.CaseInsensitive,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    private readonly ConcurrentDictionary<(string Path, DateTime Modified, long Bytes), bool> _isModel = new();

    /// <summary>Where new models go.</summary>
    public string Folder => folder;

    /// <summary>By name. Read from the folders each time: users put files there while the server runs.</summary>
    public IReadOnlyList<LocalModel> List()
    {
        LocalModel[] all = [.. In(folder), .. otherFolders.SelectMany(other => In(other).Select(m => m with { IsForeign = true }))];
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. all.Select(m => names.Add(m.Name) ? m : m with { Name = FullName(m) }).DistinctBy(m => m.Name).OrderBy(m => m.Name, StringComparer.Ordinal)];
    }

    /// <summary>By its name, or by what it is called on the hub: <c>owner/repo</c>, <c>hf.co/owner/repo:Q4_K_M</c>.</summary>
    public LocalModel? Find(string name)
    {
        IReadOnlyList<LocalModel> all = List();
        return all.FirstOrDefault(m => m.Name == name) ?? (name.Contains('/', StringComparison.Ordinal) ? FindOfHub(all, name) : null);
    }

    /// <exception cref="UserException">There is neither such a name nor such a file.</exception>
    public LocalModel Resolve(string nameOrPath)
    {
        if (Find(nameOrPath) is { } known)
            return known;
        if (File.Exists(nameOrPath))
            return ByFile(Path.GetFullPath(nameOrPath));
        string[] names = [.. List().Select(m => m.Name)];
        string have = names.Length > 0 ? $"Models there: {string.Join(", ", names)}." : "There is no GGUF file there.";
        throw new UserException(
            $"The model '{nameOrPath}' is neither a name in {folder} nor a file. {have} Put a .gguf file there, fetch one with finetunechat pull owner/repo, "
            + "or name one with --model FILE.");
    }

    private IEnumerable<LocalModel> In(string root)
    {
        if (!Directory.Exists(root))
            return [];
        return from path in Directory.EnumerateFiles(root, "*.gguf", Everywhere).Where(IsModel).Order(StringComparer.Ordinal)
               group path by Path.GetDirectoryName(path)! into inFolder
               let levels = Path.GetRelativePath(root, inFolder.Key).Split(Path.DirectorySeparatorChar)
               orderby inFolder.Key == root ? 0 : levels.Length, inFolder.Key
               from path in inFolder
               let isAlone = inFolder.Key != root && levels.Length == 1 && inFolder.Count() == 1
               select new LocalModel(isAlone ? levels[0] : Stem(path), path) { Repository = levels.Length == Depth ? string.Join('/', levels) : null };
    }

    /// <summary>What cannot be read is listed: a request for it says what is wrong.</summary>
    private bool IsModel(string path)
    {
        if (GgufFileName.Of(path) is not { Part: 1, IsProjector: false, IsImportanceMatrix: false })
            return false;
        var file = new FileInfo(path);
        return file.Exists && _isModel.GetOrAdd((path, file.LastWriteTimeUtc, file.Length), static key =>
        {
            try
            {
                return ModelKind.Of(GgufFile.OpenGeneral(key.Path)) is null;
            }
            catch (Exception e) when (e is GgufException or IOException or UnauthorizedAccessException)
            {
                return true;
            }
        });
    }

    private static LocalModel? FindOfHub(IReadOnlyList<LocalModel> all, string name)
    {
        if (ModelReference.TryParse(name, new Uri("https://huggingface.co")) is not { Repository: { } repository } reference)
            return null;
        LocalModel[] here = [.. all.Where(m => repository.Equals(m.Repository, StringComparison.OrdinalIgnoreCase))];
        return reference.Quantization is { } wanted
            ? here.FirstOrDefault(m => wanted.Equals(m.Quantization, StringComparison.OrdinalIgnoreCase)
                || wanted.Equals(Path.GetFileName(m.Path), StringComparison.OrdinalIgnoreCase) || wanted.Equals(m.Stem, StringComparison.OrdinalIgnoreCase))
            : here.OrderBy(m => QuantizationChoice.DistanceOf(m.Quantization)).FirstOrDefault();
    }

    private static LocalModel ByFile(string path) => new(Stem(path), path);

    private static string Stem(string path) => GgufFileName.Of(path)?.Stem ?? Path.GetFileNameWithoutExtension(path);

    /// <summary>Of one whose short name another one has.</summary>
    private static string FullName(LocalModel model) => $"{model.Repository ?? Path.GetFileName(Path.GetDirectoryName(model.Path))}/{model.Stem}";
}
