using FineTuneChat.Native.Loading;

namespace FineTuneChat.Training.Runs;

/// <summary>What a run is computed on, by the name that a person gives.</summary>
public static class TrainingDevice
{
    /// <summary>A GPU where there is one that can compute the run, else the processor.</summary>
    public const string Automatic = "auto";

    /// <summary>The processor, with this project's kernels.</summary>
    public const string Processor = "cpu";

    /// <summary>The GPU of a name, null for the processor.</summary>
    /// <param name="name"><see cref="Automatic"/>, <see cref="Processor"/>, a GPU's short name as <c>CUDA0</c>, or what its driver calls it.</param>
    /// <exception cref="ArgumentException">There is no such GPU; the message lists those there are.</exception>
    public static ComputeDevice? Find(string name) => Find(name, ComputeDevice.Gpus());

    internal static ComputeDevice? Find(string name, IReadOnlyList<ComputeDevice> gpus)
    {
        bool Is(string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
        if (Is(Processor))
            return null;
        if (Is(Automatic))
            return gpus.MaxBy(g => g.FreeBytes);
        return gpus.FirstOrDefault(g => Is(g.Id) || Is(g.Name)) ?? throw new ArgumentException(
            $"There is no device '{name}'. There are: {Processor}{string.Concat(gpus.Select(g => $", {g.Id} ({g.Name}, {g.FreeBytes >> 20} MiB free)"))}."
            + (gpus.Count == 0 ? " A GPU needs its libraries: build with -p:Accelerator=cuda or vulkan." : ""));
    }
}
