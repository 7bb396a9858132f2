using System.Text.Json;

namespace FineTuneChat.Gguf.Conversion;

/// <summary>A model's folder as Hugging Face's transformers writes it: JSON files beside the weights.</summary>
internal sealed class HuggingFaceFolder
{
    private const long LongestFile = 256 << 20; // Gemma's tokenizer has 33 MB

    private HuggingFaceFolder(string path)
    {
        Path = path;
    }

    /// <summary>Where it is, in full.</summary>
    public string Path { get; }

    /// <exception cref="InvalidDataException">It holds something else; the message says what.</exception>
    /// <exception cref="IOException">It is not there, or has no <c>config.json</c>.</exception>
    public static HuggingFaceFolder Open(string path)
    {
        const string Needed = "a folder with config.json, tokenizer.json or tokenizer.model, and *.safetensors is needed";
        if (File.Exists(path))
            throw new InvalidDataException($"{path} is a file; {Needed}.");
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"There is no folder {path}; {Needed}.");
        var folder = new HuggingFaceFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
        if (!Directory.EnumerateFileSystemEntries(path).Any())
            throw new InvalidDataException($"{path} is empty; {Needed}.");
        if (folder.Has("adapter_config.json") && !folder.Has("config.json"))
            throw new InvalidDataException($"{path} holds a LoRA adapter, not a model: merge it into its base with `export --base FILE --adapter {path}`.");
        return folder.Has("config.json")
            ? folder
            : throw new FileNotFoundException($"{path} has no config.json, so it is no model's folder; {Needed}.");
    }

    public bool Has(string name) => File.Exists(PathOf(name));

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A file's bytes; null when there is none of that name.</summary>
    public byte[]? Bytes(string name)
    {
        if (!Has(name))
            return null;
        long length = new FileInfo(PathOf(name)).Length;
        return length <= LongestFile
            ? File.ReadAllBytes(PathOf(name))
            : throw new InvalidDataException($"{PathOf(name)} has {length} bytes; at most {LongestFile} are read.");
    }

    /// <summary>A file's JSON; null when there is none of that name.</summary>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public JsonElement? Json(string name)
    {
        if (Bytes(name) is not { } bytes)
            return null;
        try
        {
            JsonElement json = JsonElement.Parse(bytes);
            return json.ValueKind == JsonValueKind.Object ? json : throw new JsonException($"it is {json.ValueKind}, not an object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{PathOf(name)} is not usable JSON: {e.Message.TrimEnd('.')}. Download it again.", e);
        }
    }
}
