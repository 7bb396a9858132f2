using FineTuneChat.Gguf.Models;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Engine.Loading;

/// <summary>What a model may use here.</summary>
/// <param name="AvailableBytes">Memory.</param>
/// <param name="Gpus">GPUs that a backend was loaded for.</param>
internal sealed record Machine(long AvailableBytes, IReadOnlyList<ComputeDevice> Gpus)
{
    public long GpuBytes => Gpus.Sum(g => g.FreeBytes);

    /// <summary>This one; the native libraries are loaded.</summary>
    public static Machine Here() => new(new HostMemory().AvailableBytes(), ComputeDevice.Gpus());
}
