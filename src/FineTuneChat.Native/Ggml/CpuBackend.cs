using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// ggml's CPU backend with this project's kernels and one persistent pool of threads. Without a pool of its own, every computation would start new threads,
/// and each would have to attach to the runtime before it can run a kernel written in C#: 25 ms against 9 ms for a small step.
/// </summary>
public sealed class CpuBackend : Backend
{
    private readonly ComputePool _pool;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">1 to 512; never more than the cores that are free, because the threads wait for each other by spinning.</param>
    /// <exception cref="NativeLibraryException">The backend cannot be started.</exception>
    public CpuBackend(int threads) : base(ComputePool.Device)
    {
        _pool = ComputePool.For(Handle, threads);
    }

    /// <summary>Number of compute threads, the calling one included.</summary>
    public int Threads => _pool.Threads;

    /// <summary>Whether matrix products are computed as the textbook has them, slowly: what the fast ones are compared with. Default: false.</summary>
    public bool ReferenceProducts { get; init; }

    internal static nint HostMemory => GgmlNative.ggml_backend_cpu_buffer_type();

    /// <inheritdoc/>
    public override Placement Place(IReadOnlyCollection<Tensor> constants, IReadOnlyCollection<Tensor> variables) => Placement.WhereTheyAre;

    internal override IGraphOperations OperationsOf(Graph graph) => new KernelOperations(graph, this);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _pool.Dispose();
}
