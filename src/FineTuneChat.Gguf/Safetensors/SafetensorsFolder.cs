using System.Text.Json;

namespace FineTuneChat.Gguf.Safetensors;

/// <summary>The weights of a model: one safetensors file, or several whose index says which tensor lies where.</summary>
public sealed class SafetensorsFolder : IDisposable
{
    private const string Single = "model.safetensors", IndexName = "model.safetensors.index.json";

    private readonly IReadOnlyList<SafetensorsFile> _files;
    private readonly Dictionary<string, (SafetensorsFile File, SafetensorsTensor Tensor)> _places = new(StringComparer.Ordinal);

    private SafetensorsFolder(string folder, IReadOnlyList<SafetensorsFile> files)
    {
        _files = files;
        foreach (SafetensorsFile file in files)
        {
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                if (!_places.TryAdd(tensor.Name, (file, tensor)))
                    throw new InvalidDataException($"{folder}: {Path.GetFileName(file.Path)} and {Path.GetFileName(_places[tensor.Name].File.Path)} both "
                        + $"have '{tensor.Name}'. Leave only the files of one model there.");
            }
        }
    }

    /// <summary>All tensors.</summary>
    public IEnumerable<SafetensorsTensor> Tensors => _places.Values.Select(p => p.Tensor);

    /// <summary>Opens the files of a folder.</summary>
    /// <param name="folder">Where they are.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or the index names tensors that are not there.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static SafetensorsFolder Open(string folder)
    {
        Dictionary<string, string>? index = Index(folder);
        var files = new List<SafetensorsFile>();
        try
        {
            foreach (string name in index is null ? Unindexed(folder) : [.. index.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)])
                files.Add(SafetensorsFile.Open(Path.Combine(folder, name)));
            var opened = new SafetensorsFolder(folder, files);
            if (index?.Keys.FirstOrDefault(name => !opened._places.ContainsKey(name)) is { } missing)
                throw new InvalidDataException($"{folder}: {index[missing]} lacks '{missing}', which {IndexName} says it has. Download it again.");
            return opened;
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Reads part of a tensor's data.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="start">First byte within its data.</param>
    /// <param name="target">As many bytes as are wanted.</param>
    public void Read(SafetensorsTensor tensor, long start, Span<byte> target) => _places[tensor.Name].File.Read(tensor, start, target);

    /// <summary>Where a tensor lies.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    public string PathOf(SafetensorsTensor tensor) => _places[tensor.Name].File.Path;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
            file.Dispose();
    }

    private static Dictionary<string, string>? Index(string folder)
    {
        string path = Path.Combine(folder, IndexName);
        if (!File.Exists(path))
            return null;
        Dictionary<string, string> map;
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            map = json.RootElement.GetProperty("weight_map").EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetString()!, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new InvalidDataException($"{path} cannot be used: it has no \"weight_map\" of tensors and files ({e.Message.TrimEnd('.')}). Download it again.");
        }

        if (map.Values.FirstOrDefault(name => name is null || Path.GetFileName(name) != name || name is "" or "." or "..") is { } outside)
            throw new InvalidDataException($"{path} cannot be used: '{outside}' is no file of this folder.");
        string[] missing = [.. map.Values.Distinct().Where(name => !File.Exists(Path.Combine(folder, name))).Order(StringComparer.Ordinal)];
        return missing.Length == 0
            ? map
            : throw new FileNotFoundException($"{folder}: {missing.Length} of {map.Values.Distinct().Count()} weight files are missing: "
                + $"{string.Join(", ", missing.Take(3))}{(missing.Length > 3 ? ", …" : "")}. Download them, too.");
    }

    private static string[] Unindexed(string folder)
    {
        if (File.Exists(Path.Combine(folder, Single)))
            return [Single];
        string[] parts = [.. Directory.GetFiles(folder, "model-*.safetensors").Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];
        if (parts.Length > 0)
            throw new FileNotFoundException($"{folder}: there are {parts.Length} parts of weights, but no {IndexName}, which says what belongs to them. Download it, too.");
        string other = Directory.EnumerateFiles(folder, "*.bin").Any() || Directory.EnumerateFiles(folder, "*.pt*").Any()
            ? " Its weights are in PyTorch's own format, which can run programs when it is read; save the model as safetensors."
            : "";
        throw new FileNotFoundException($"{folder}: there are no weights; {Single}, or {IndexName} with its files, is needed.{other}");
    }
}
