namespace FineTuneChat.Gguf;

/// <summary>
/// The header of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3): metadata and where each tensor lies.
/// Every count, length and offset is checked against the file before it is used, so native code never sees a file that lies about itself.
/// </summary>
public sealed class GgufFile
{
    private readonly Dictionary<string, GgufTensorInfo> _byName;

    internal GgufFile(string path, GgufMetadata metadata, IReadOnlyList<GgufTensorInfo> tensors, long length)
    {
        Path = path;
        Metadata = metadata;
        Tensors = tensors;
        Length = length;
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>Key-value entries.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Tensors in file order.</summary>
    public IReadOnlyList<GgufTensorInfo> Tensors { get; }

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; }

    /// <summary><c>general.architecture</c>, e.g. "llama".</summary>
    public string? Architecture => Metadata.Text("general.architecture");

    /// <summary>The type that takes most bytes: what the file is said to be quantised to. Null without tensors.</summary>
    public GgmlType? MainType => Tensors.GroupBy(t => t.Type).MaxBy(group => group.Sum(t => t.Bytes))?.Key;

    /// <summary>Numbers in all tensors together.</summary>
    public long ParameterCount => Tensors.Sum(t => t.ElementCount);

    /// <summary>Reads and checks the header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="GgufException">It is no GGUF file, corrupt, or beyond the limits.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static GgufFile Open(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        return new GgufReader(path, stream).Read();
    }

    /// <summary>Reads and checks the header of a file that need not lie on this machine.</summary>
    /// <param name="name">How errors name it.</param>
    /// <param name="stream">Begins with the header; its <see cref="Stream.Length"/> is that of the whole file.</param>
    /// <exception cref="GgufException">It is no GGUF file, corrupt, or beyond the limits.</exception>
    public static GgufFile Read(string name, Stream stream) => new GgufReader(name, stream).Read();

    /// <summary>The entries that say what kind of file it is (<c>general.*</c>), without the vocabulary behind them: quick, whatever the file's size.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="GgufException">It is no GGUF file, or corrupt.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static GgufMetadata OpenGeneral(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return new GgufReader(path, stream).ReadGeneral();
    }

    /// <summary>A tensor by name, null when there is none.</summary>
    /// <param name="name">E.g. <c>token_embd.weight</c>.</param>
    public GgufTensorInfo? Find(string name) => _byName.GetValueOrDefault(name);
}
