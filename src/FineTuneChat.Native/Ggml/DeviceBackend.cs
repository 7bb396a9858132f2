using FineTuneChat.Gguf;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// A GPU, or ggml's own CPU backend as if it were one. It runs no kernel of this project: what training needs beyond ggml's operations is composed of
/// those that every backend has (<see cref="DeviceOperations"/>), and tensors are copied into its memory (<see cref="Backend.Place"/>).
/// </summary>
public sealed class DeviceBackend : Backend
{
    /// <summary>
    /// Gradients are this much too large between <see cref="Graph.CrossEntropyBack"/> and <see cref="Placement.Fetch"/>: where a device multiplies in F16,
    /// small ones would vanish. A power of two, so that nothing is rounded.
    /// </summary>
    public const float GradientScale = 1024;

    private readonly List<DevicePlacement> _placements = [];
    private readonly ComputePool? _pool;

    /// <summary>Starts a device.</summary>
    /// <param name="device">From <see cref="ComputeDevice.Gpus"/>, or <see cref="ComputeDevice.Processor"/>.</param>
    /// <param name="threads">Of the processor, 1 to 512.</param>
    /// <exception cref="NativeLibraryException">It cannot be started.</exception>
    public DeviceBackend(ComputeDevice device, int threads = 1) : base(device.Handle)
    {
        if (device.Handle == ComputePool.Device)
            _pool = ComputePool.For(Handle, threads);
        TransposeType = Multiplies(GgmlType.BF16) ? GgmlType.BF16 : GgmlType.F16;
    }

    /// <inheritdoc/>
    public override Placement Place(IReadOnlyCollection<Tensor> constants, IReadOnlyCollection<Tensor> variables)
    {
        var placement = new DevicePlacement(this, constants, variables);
        _placements.Add(placement);
        return placement;
    }

    /// <summary>
    /// Transposes of all but F32 matrices are kept as BF16, which has the range of gradients, or as F16 where the device cannot multiply by BF16.
    /// </summary>
    internal GgmlType TransposeType { get; }

    internal void Forget(DevicePlacement placement) => _placements.Remove(placement);

    /// <summary>The transpose of a constant's copy, or of whole rows of one, kept with it; none for everything else.</summary>
    internal Tensor TransposeOf(Tensor tensor)
    {
        foreach (DevicePlacement placement in _placements)
        {
            if (placement.TransposeOf(tensor) is { IsNone: false } transpose)
                return transpose;
        }

        return default;
    }

    internal override IGraphOperations OperationsOf(Graph graph) => new DeviceOperations(graph, this);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _pool?.Dispose();

    private bool Multiplies(GgmlType type)
    {
        using var graph = new Graph(this, 4);
        return Supports(graph.Product(graph.Input("a", type, 256, 256), graph.Input("b", GgmlType.F32, 256, 256)));
    }
}
