using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Loading;

/// <summary>A GPU that one of the loaded backends can use.</summary>
/// <param name="Name">What its driver calls it.</param>
/// <param name="FreeBytes">Memory that is free on it now.</param>
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
            nuint free, total;
            GgmlNative.ggml_backend_dev_memory(device, &free, &total);
            found.Add(new(Marshal.PtrToStringUTF8((nint)GgmlNative.ggml_backend_dev_description(device)) ?? "GPU", (long)free, type == IntegratedGpu)
            {
                Id = Marshal.PtrToStringUTF8((nint)GgmlNative.ggml_backend_dev_name(device)) ?? "",
                Handle = device,
            });
        }

        return found;
    }
}
