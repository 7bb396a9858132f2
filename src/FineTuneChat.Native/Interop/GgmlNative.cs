using System.Runtime.InteropServices;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Interop;

/// <summary>ggml-backend.h: registry and devices, exported by libggml and libggml-base. Names are the headers'.</summary>
internal static unsafe partial class GgmlNative
{
    /// <summary>Loads the best CPU plugin for this processor and every other backend in the folder.</summary>
    [LibraryImport(NativeLibraries.Ggml, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void ggml_backend_load_all_from_path(string dir);

    [LibraryImport(NativeLibraries.Ggml)]
    internal static partial nuint ggml_backend_dev_count();

    [LibraryImport(NativeLibraries.Ggml)]
    internal static partial nint ggml_backend_dev_get(nuint index);

    /// <summary>Null when no device of the type (0 = CPU, 1 = GPU) exists.</summary>
    [LibraryImport(NativeLibraries.Ggml)]
    internal static partial nint ggml_backend_dev_by_type(int type);

    /// <summary>Its short name, as <c>CUDA0</c>; a static string.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial byte* ggml_backend_dev_name(nint device);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial byte* ggml_backend_dev_description(nint device);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_backend_dev_buffer_type(nint device);

    /// <summary>Whether the device can compute a node: its operation with its types and shapes.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool ggml_backend_dev_supports_op(nint device, ggml_tensor* node);

    /// <summary>Whether the device can read memory of the type.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool ggml_backend_dev_supports_buft(nint device, nint bufferType);

    /// <summary>
    /// enum ggml_backend_dev_type: 0 = CPU, 1 = GPU, 2 = GPU that shares the host's memory, others = accelerators without memory of their own.
    /// </summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial int ggml_backend_dev_type(nint device);

    /// <summary>Bytes.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_backend_dev_memory(nint device, nuint* free, nuint* total);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_backend_dev_backend_reg(nint device);

    /// <summary>Null when the backend cannot be started.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_backend_dev_init(nint device, byte* parameters);

    /// <summary>Functions of a plugin that no header exports, by name; null when it has none.</summary>
    [LibraryImport(NativeLibraries.GgmlBase, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint ggml_backend_reg_get_proc_address(nint registry, string name);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_backend_free(nint backend);

    /// <summary>0 on success; 1 when an abort callback stopped it.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial int ggml_backend_graph_compute(nint backend, nint graph);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_backend_cpu_buffer_type();

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_backend_cpu_buffer_from_ptr(void* pointer, nuint size);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_backend_alloc_ctx_tensors_from_buft(nint context, nint bufferType);

    /// <summary>Places a tensor at an address inside a buffer; 0 on success.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial int ggml_backend_tensor_alloc(nint buffer, ggml_tensor* tensor, void* address);

    /// <summary>Copies bytes into a tensor, wherever it lies.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_backend_tensor_set(ggml_tensor* tensor, void* source, nuint offset, nuint size);

    /// <summary>Copies bytes out of a tensor, wherever it lies.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_backend_tensor_get(ggml_tensor* tensor, void* target, nuint offset, nuint size);

    /// <summary>Whether the processor can read and write its memory.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool ggml_backend_buffer_is_host(nint buffer);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_backend_buffer_get_type(nint buffer);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nuint ggml_backend_buffer_get_size(nint buffer);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_backend_buffer_clear(nint buffer, byte value);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_backend_buffer_free(nint buffer);

    /// <summary>usage 1 = weights.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_backend_buffer_set_usage(nint buffer, int usage);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nint ggml_gallocr_new(nint bufferType);

    /// <summary>Plans and reserves the memory of a graph's intermediate tensors.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool ggml_gallocr_alloc_graph(nint allocator, nint graph);

    /// <summary>What ggml_gallocr_alloc_graph would reserve, without doing so; the ids may be null where there is one kind of buffer.</summary>
    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_gallocr_reserve_n_size(nint allocator, nint graph, int* nodeBuffers, int* leafBuffers, nuint* sizes);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial nuint ggml_gallocr_get_buffer_size(nint allocator, int buffer);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial void ggml_gallocr_free(nint allocator);

    [LibraryImport(NativeLibraries.GgmlBase)]
    internal static partial ggml_threadpool_params ggml_threadpool_params_default(int threads);
}
