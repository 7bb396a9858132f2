using FineTuneChat.Native.Loading;

namespace FineTuneChat.Training.Tests.Graphs;

/// <summary>Needs a GPU and its libraries (<c>-p:Accelerator=vulkan</c>; <c>GGML_VK_VISIBLE_DEVICES=0</c> takes Mesa's driver for processors, too).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GpuTheoryAttribute : TheoryAttribute
{
    public GpuTheoryAttribute()
    {
        NativeLibraries.Load();
        if (ComputeDevice.Gpus().Count == 0)
            Skip = "There is no GPU, or the libraries are those of the processor: build with -p:Accelerator=cuda or vulkan.";
    }
}
