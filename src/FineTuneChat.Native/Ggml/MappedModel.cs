using System.IO.MemoryMappedFiles;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// The tensors of a GGUF file, mapped read-only: no copy is made, and the pages are shared with an engine that serves the same file.
/// </summary>
public sealed unsafe class MappedModel : IDisposable
{
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private nint _context;
    private nint _buffer;

    private MappedModel(GgufFile file)
    {
        File = file;
        _mapping = MemoryMappedFile.CreateFromFile(file.Path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _mapping.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);

        _context = GgmlNative.ggml_init(
            new ggml_init_params { mem_size = (nuint)Math.Max(1, file.Tensors.Count) * GgmlNative.ggml_tensor_overhead(), no_alloc = 1 });
        _buffer = GgmlNative.ggml_backend_cpu_buffer_from_ptr(start, (nuint)file.Length);
        const int Weights = 1;
        GgmlNative.ggml_backend_buffer_set_usage(_buffer, Weights);
        foreach (GgufTensorInfo info in file.Tensors)
        {
            ggml_tensor* tensor = GgmlNative.ggml_set_name(TensorStore.NewTensor(_context, info.Type, [.. info.Shape]), info.Name);
            if (GgmlNative.ggml_backend_tensor_alloc(_buffer, tensor, start + info.Offset) != 0)
                throw new GgufException(file.Path, info.Offset, $"tensor '{info.Name}' cannot be placed");
            _tensors[info.Name] = new Tensor(tensor);
        }
    }

    /// <summary>The file's header.</summary>
    public GgufFile File { get; }

    /// <summary>Opens, checks and maps a file.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <exception cref="GgufException">It is corrupt.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static MappedModel Open(string path) => new(GgufFile.Open(path));

    /// <summary>A tensor by name.</summary>
    /// <param name="name">E.g. <c>blk.0.attn_q.weight</c>.</param>
    /// <exception cref="GgufException">The file has none of that name.</exception>
    public Tensor this[string name] => _tensors.TryGetValue(name, out Tensor tensor)
        ? tensor
        : throw new GgufException(File.Path, 0, $"it has no tensor '{name}'");

    /// <summary>Whether the file has the tensor.</summary>
    /// <param name="name">Its name.</param>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>Unmaps the file; its tensors are void from then on.</summary>
    public void Dispose()
    {
        if (_context == 0)
            return;
        GgmlNative.ggml_backend_buffer_free(_buffer);
        GgmlNative.ggml_free(_context);
        _context = _buffer = 0;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
    }
}
