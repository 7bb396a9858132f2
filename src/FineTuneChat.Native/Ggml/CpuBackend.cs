using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// ggml's CPU backend with one persistent pool of threads. Without a pool of its own, every computation would start new threads,
/// and each would have to attach to the runtime before it can run a kernel written in C# (ggml.md 6: 25 ms against 9 ms for a small step).
/// </summary>
public sealed unsafe class CpuBackend : IDisposable
{
    private const int CpuDevice = 0;

    private readonly nint _registry;
    private nint _backend;
    private nint _pool;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">1 to 512; never more than the cores that are free, because the threads wait for each other by spinning.</param>
    /// <exception cref="NativeLibraryException">The backend cannot be started.</exception>
    public CpuBackend(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 512);
        nint device = GgmlNative.ggml_backend_dev_by_type(CpuDevice);
        if (device == 0)
            throw new NativeLibraryException($"ggml's CPU backend is not registered; call {nameof(NativeLibraries)}.{nameof(NativeLibraries.Load)} first.");
        _registry = GgmlNative.ggml_backend_dev_backend_reg(device);
        _backend = GgmlNative.ggml_backend_dev_init(device, null);
        if (_backend == 0)
            throw new NativeLibraryException("ggml's CPU backend could not be started.");
        Threads = threads;
        StartPool();
    }

    /// <summary>Number of compute threads, the calling one included.</summary>
    public int Threads { get; }

    internal static nint BufferType => GgmlNative.ggml_backend_cpu_buffer_type();

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_backend == 0)
            return;
        GgmlNative.ggml_backend_free(_backend);
        ((delegate* unmanaged[Cdecl]<nint, void>)Procedure("ggml_threadpool_free"))(_pool);
        _backend = _pool = 0;
    }

    internal void Compute(nint graph)
    {
        ObjectDisposedException.ThrowIf(_backend == 0, this);
        int result = GgmlNative.ggml_backend_graph_compute(_backend, graph);
        if (result != 0)
            throw new InvalidOperationException($"ggml stopped computing the graph (status {result}).");
    }

    private void StartPool()
    {
        ggml_threadpool_params parameters = GgmlNative.ggml_threadpool_params_default(Threads);
        _pool = ((delegate* unmanaged[Cdecl]<ggml_threadpool_params*, nint>)Procedure("ggml_threadpool_new"))(&parameters);
        ((delegate* unmanaged[Cdecl]<nint, int, void>)Procedure("ggml_backend_set_n_threads"))(_backend, Threads);
        ((delegate* unmanaged[Cdecl]<nint, nint, void>)Procedure("ggml_backend_cpu_set_threadpool"))(_backend, _pool);
    }

    private nint Procedure(string name)
    {
        nint address = GgmlNative.ggml_backend_reg_get_proc_address(_registry, name);
        return address != 0 ? address : throw new NativeLibraryException($"ggml's CPU plugin lacks the function {name}.");
    }
}
