using System.Text.Json;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gguf;
using FineTuneChat.Protocol;

namespace FineTuneChat.Gateway.Models;

/// <summary>A model that Ollama has fetched.</summary>
/// <param name="Name">As Ollama calls it: <c>llama3.2:1b</c>.</param>
/// <param name="Blob">Its GGUF file.</param>
/// <param name="Sha256">What it must hold.</param>
internal sealed record OllamaModel(string Name, string Blob, string Sha256);

/// <summary>
/// Ollama's models on this machine: a manifest for each name says which blob is its GGUF file. Nothing of Ollama's is changed; what is taken over is copied,
/// by the file system without taking room where it can do that.
/// </summary>
internal sealed class OllamaLibrary(string folder)
{
    private const string ModelLayer = "application/vnd.ollama.image.model", Registry = "registry.ollama.ai", Official = "library", DigestPrefix = "sha256:";

    /// <summary>Where Ollama keeps them: OLLAMA_MODELS, or <c>.ollama/models</c> in the user's folder.</summary>
    public static OllamaLibrary OfThisMachine() => new(Environment.GetEnvironmentVariable("OLLAMA_MODELS") is { Length: > 0 } set
        ? set
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ollama", "models"));

    public IReadOnlyList<OllamaModel> List()
    {
        string manifests = Path.Combine(folder, "manifests");
        return !Directory.Exists(manifests)
            ? []
            : [.. Directory.EnumerateFiles(manifests, "*", SearchOption.AllDirectories).Select(path => Read(manifests, path)).OfType<OllamaModel>()
                .OrderBy(m => m.Name, StringComparer.Ordinal)];
    }

    /// <exception cref="UserException">There is no such model; the message lists those that are there.</exception>
    public OllamaModel Find(string name)
    {
        IReadOnlyList<OllamaModel> all = List();
        return all.FirstOrDefault(m => m.Name == name || m.Name == $"{name}:latest") ?? throw new UserException(
            $"Ollama has no '{name}' in {folder}. It has: {(all.Count > 0 ? string.Join(", ", all.Select(m => m.Name)) : "no model")}.");
    }

    /// <summary>Copies a model into the models folder, checked before it gets its name.</summary>
    /// <returns>The new file.</returns>
    /// <exception cref="UserException">It is damaged, no model that can be used here, or there already.</exception>
    public static async Task<string> ImportAsync(OllamaModel model, ModelCatalog catalog)
    {
        string stem = string.Concat(model.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).TrimStart('.', '-');
        string target = Path.Combine(catalog.Folder, "ollama", stem, $"{stem}.gguf"), partial = target + DownloadState.Ending;
        if (File.Exists(target))
            throw new UserException($"{target} is there already.");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        try
        {
            File.Copy(model.Blob, partial, overwrite: true);
            if (await FileHash.ComputeAsync(partial) != model.Sha256)
                throw new UserException($"{model.Blob} is damaged: its SHA-256 is not {model.Sha256}. Fetch it anew: ollama pull {model.Name}");
            _ = GgufFile.Open(partial);
            File.Move(partial, target);
            return target;
        }
        catch (GgufException e)
        {
            throw new UserException($"Ollama's {model.Name} cannot be used here: {e.Message}", e);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private OllamaModel? Read(string manifests, string path)
    {
        try
        {
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(path));
            string digest = manifest.RootElement.GetProperty("layers").EnumerateArray()
                .First(layer => layer.GetProperty("mediaType").GetString() == ModelLayer).GetProperty("digest").GetString()!;
            string hash = digest[DigestPrefix.Length..], blob = Path.Combine(folder, "blobs", $"sha256-{hash}");
            bool isHash = digest.StartsWith(DigestPrefix, StringComparison.Ordinal) && hash.Length == 64 && hash.All(char.IsAsciiHexDigit);
            return isHash && File.Exists(blob) ? new(NameOf(Path.GetRelativePath(manifests, path)), blob, hash.ToLowerInvariant()) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or KeyNotFoundException or InvalidOperationException
            or ArgumentOutOfRangeException)
        {
            return null; // no manifest, or one of something else
        }
    }

    /// <summary><c>registry.ollama.ai/library/llama3.2/1b</c> is <c>llama3.2:1b</c>.</summary>
    private static string NameOf(string manifest)
    {
        string[] parts = manifest.Split(Path.DirectorySeparatorChar);
        string[] names = [.. parts[..^1].Where((part, i) => !(i == 0 && part == Registry) && !(i == 1 && part == Official))];
        return $"{string.Join('/', names)}:{parts[^1]}";
    }
}
