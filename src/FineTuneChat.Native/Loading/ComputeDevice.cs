using System.Runtime.InteropServices;
using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Loading;

/// <summary>A GPU that one of the loaded backends can use.</summary>
/// <param name="Name">What its driver calls it.</param>
/// <param name="FreeBytes">Memory that was free on it when it was asked for.</param>
/// <param name="SharesMemory">Whether its memory is the processor's.</param>
public sealed record ComputeDevice(string Name, long FreeBytes, bool SharesMemory)
{
    private const int Gpu = 1, IntegratedGpu = 2; // enum ggml_backend_dev_type

    /// <summary>What ggml calls it, as <c>CUDA0</c>.</summary>
    public string Id { get; private init; } = "";

    internal nint Handle { get; private init; }

    /// <summary>The GPUs. <see cref="NativeLibraries.Load"/> comes first.</summary>
    public static unsafe IReadOnlyList<ComputeDevice> Gpus()
    {
        var found = new List<ComputeDevice>();
        for (nuint i = 0; i < GgmlNative.ggml_backend_dev_count(); i++)
        {
            nint device = GgmlNative.ggml_backend_dev_get(i);
            int type = GgmlNative.ggml_backend_dev_type(device);
            if (type is not (Gpu or IntegratedGpu))
                continue;
            found.Add(new(Marshal.PtrToStringUTF8((nint)GgmlNative.ggml_backend_dev_description(device)) ?? "GPU", FreeOn(device), type == IntegratedGpu)
            {
                Id = Marshal.PtrToStringUTF8((nint)GgmlNative.ggml_backend_dev_name(device)) ?? "",
                Handle = device,
            });
        }

        return found;
    }

    /// <summary>The processor as ggml's own CPU backend has it: a device to try things on where there is no GPU.</summary>
    public static ComputeDevice Processor
    {
        get
        {
            nint device = ComputePool.Device;
            return new("processor", FreeOn(device), SharesMemory: true) { Id = "CPU", Handle = device };
        }
    }

    /// <summary>Memory that is free on it by now.</summary>
    public long FreeNow() => FreeOn(Handle);

    private static unsafe long FreeOn(nint device)
    {
        nuint free, total;
        GgmlNative.ggml_backend_dev_memory(device, &free, &total);
        return (long)free;
    }
}
