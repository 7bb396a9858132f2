using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Ggml;

/// <summary>Threads of ggml's CPU backend that stay from one computation to the next. Without a pool, every computation starts and ends its own.</summary>
internal sealed unsafe class ComputePool : SafeHandle
{
    private const int CpuDevice = 0;

    /// <summary>Starts the threads; they sleep until something computes.</summary>
    /// <param name="threads">The one that computes included.</param>
    /// <param name="poll">How long they wait for the next computation by spinning, before they sleep, 0 to 100; null = ggml's default.</param>
    public ComputePool(int threads, int? poll = null) : base(0, ownsHandle: true)
    {
        Threads = threads;
        ggml_threadpool_params parameters = GgmlNative.ggml_threadpool_params_default(threads);
        parameters.poll = (uint?)poll ?? parameters.poll;
        SetHandle(((delegate* unmanaged[Cdecl]<ggml_threadpool_params*, nint>)Procedure("ggml_threadpool_new"))(&parameters));
    }

    /// <summary>Gives a CPU backend a pool of its own.</summary>
    public static ComputePool For(nint backend, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 512);
        var pool = new ComputePool(threads);
        ((delegate* unmanaged[Cdecl]<nint, int, void>)Procedure("ggml_backend_set_n_threads"))(backend, threads);
        ((delegate* unmanaged[Cdecl]<nint, nint, void>)Procedure("ggml_backend_cpu_set_threadpool"))(backend, pool.DangerousGetHandle());
        return pool;
    }

    public int Threads { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>ggml's CPU device.</summary>
    public static nint Device => GgmlNative.ggml_backend_dev_by_type(CpuDevice) is var device and not 0
        ? device
        : throw new NativeLibraryException($"ggml's CPU backend is not registered; call {nameof(NativeLibraries)}.{nameof(NativeLibraries.Load)} first.");

    /// <summary>A function of the CPU plugin, which exports nothing by name to the linker.</summary>
    public static nint Procedure(string name) =>
        GgmlNative.ggml_backend_reg_get_proc_address(GgmlNative.ggml_backend_dev_backend_reg(Device), name) is var address and not 0
        ? address
        : throw new NativeLibraryException($"ggml's CPU plugin lacks the function {name}.");

    protected override bool ReleaseHandle()
    {
        ((delegate* unmanaged[Cdecl]<nint, void>)Procedure("ggml_threadpool_free"))(handle);
        return true;
    }
}
