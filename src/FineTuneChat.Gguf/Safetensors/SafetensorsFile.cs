using Microsoft.Win32.SafeHandles;

namespace FineTuneChat.Gguf.Safetensors;

/// <summary>A safetensors file, open for reading: where its tensors lie, and parts of their data.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private SafetensorsFile(string path, SafeFileHandle handle, IReadOnlyList<SafetensorsTensor> tensors)
    {
        (Path, _handle, Tensors) = (path, handle, tensors);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>Tensors in the header's order.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is none, or damaged; the message says where.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        IReadOnlyList<SafetensorsTensor> tensors;
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read))
            tensors = SafetensorsHeader.Read(path, stream);
        return new SafetensorsFile(path, File.OpenHandle(path), tensors);
    }

    /// <summary>Reads part of a tensor's data.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="start">First byte within its data.</param>
    /// <param name="target">As many bytes as are wanted.</param>
    /// <exception cref="InvalidDataException">The file became shorter.</exception>
    public void Read(SafetensorsTensor tensor, long start, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + target.Length, tensor.Bytes);
        for (int count; !target.IsEmpty; target = target[count..], start += count)
        {
            count = RandomAccess.Read(_handle, target, tensor.Offset + start);
            if (count == 0)
                throw SafetensorsHeader.Bad(Path, $"it became shorter while '{tensor.Name}' was read");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
