using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// ggml's CPU backend with one persistent pool of threads. Without a pool of its own, every computation would start new threads,
/// and each would have to attach to the runtime before it can run a kernel written in C# (ggml.md 6: 25 ms against 9 ms for a small step).
/// </summary>
public sealed unsafe class CpuBackend : IDisposable
{
    private readonly ComputePool _pool;
    private nint _backend;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">1 to 512; never more than the cores that are free, because the threads wait for each other by spinning.</param>
    /// <exception cref="NativeLibraryException">The backend cannot be started.</exception>
    public CpuBackend(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 512);
        _backend = GgmlNative.ggml_backend_dev_init(ComputePool.Device, null);
        if (_backend == 0)
            throw new NativeLibraryException("ggml's CPU backend could not be started.");
        _pool = new ComputePool(threads);
        ((delegate* unmanaged[Cdecl]<nint, int, void>)ComputePool.Procedure("ggml_backend_set_n_threads"))(_backend, threads);
        ((delegate* unmanaged[Cdecl]<nint, nint, void>)ComputePool.Procedure("ggml_backend_cpu_set_threadpool"))(_backend, _pool.DangerousGetHandle());
    }

    /// <summary>Number of compute threads, the calling one included.</summary>
    public int Threads => _pool.Threads;

    /// <summary>Whether matrix products are computed as the textbook has them, slowly: what the fast ones are compared with. Default: false.</summary>
    public bool ReferenceProducts { get; init; }

    internal static nint BufferType => GgmlNative.ggml_backend_cpu_buffer_type();

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_backend == 0)
            return;
        GgmlNative.ggml_backend_free(_backend);
        _backend = 0;
        _pool.Dispose();
    }

    internal void Compute(nint graph)
    {
        ObjectDisposedException.ThrowIf(_backend == 0, this);
        int result = GgmlNative.ggml_backend_graph_compute(_backend, graph);
        if (result != 0)
            throw new InvalidOperationException($"ggml stopped computing the graph (status {result}).");
    }
}
