using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Ggml;

/// <summary>
/// Copies of tensors in a device's memory. Constants get a transposed copy, too, when a graph multiplies by their transpose: ggml's operation for
/// that, OUT_PROD, took 6 to 74 times as long where it was measured, and most devices do not have it.
/// </summary>
internal sealed unsafe class DevicePlacement : Placement
{
    private readonly DeviceBackend _backend;
    private readonly TensorStore _store;
    private readonly Dictionary<Tensor, Tensor> _copies = [];
    private readonly Dictionary<Tensor, Tensor> _constants = []; // copy → original
    private readonly Dictionary<(Tensor Copy, nuint Offset, long Rows), (TensorStore Store, Tensor Tensor)> _transposes = [];

    public DevicePlacement(DeviceBackend backend, IReadOnlyCollection<Tensor> constants, IReadOnlyCollection<Tensor> variables)
    {
        _backend = backend;
        _store = new TensorStore(constants.Count + variables.Count);
        foreach (Tensor host in constants.Concat(variables))
            _copies[host] = _store.Add(host.Name, host.Type, host.Size(0), host.Size(1), host.Size(2), host.Size(3));
        _store.Allocate(backend);
        foreach (Tensor host in constants)
        {
            _constants[_copies[host]] = host;
            Send(host);
        }
    }

    public override Tensor this[Tensor host] => _copies[host];

    public override void Send(Tensor host) =>
        GgmlNative.ggml_backend_tensor_set(_copies[host].Pointer, host.Pointer->data, 0, GgmlNative.ggml_nbytes(host.Pointer));

    public override void Fetch(Tensor host)
    {
        Span<float> values = host.AsSpan<float>();
        fixed (float* target = values)
            GgmlNative.ggml_backend_tensor_get(_copies[host].Pointer, target, 0, GgmlNative.ggml_nbytes(host.Pointer));
        System.Numerics.Tensors.TensorPrimitives.Multiply(values, 1 / DeviceBackend.GradientScale, values);
    }

    /// <summary>The transpose of a constant's copy or of whole rows of it, made when it is first asked for; none when the tensor is no such thing.</summary>
    public Tensor TransposeOf(Tensor tensor)
    {
        bool isPart = tensor.Pointer->view_src != null;
        Tensor copy = isPart ? new Tensor(tensor.Pointer->view_src) : tensor;
        if (!_constants.TryGetValue(copy, out Tensor host))
            return default;
        var key = (copy, isPart ? tensor.Pointer->view_offs : 0, tensor.Size(1));
        if (!_transposes.TryGetValue(key, out var transpose))
            _transposes[key] = transpose = Transpose(host, (long)(key.Item2 / (nuint)GgmlTypes.RowBytes(host.Type, host.Size(0))), tensor.Size(1));
        return transpose.Tensor;
    }

    protected override void Dispose(bool disposing)
    {
        _backend.Forget(this);
        foreach (var (store, _) in _transposes.Values)
            store.Dispose();
        _store.Dispose();
    }

    private (TensorStore Store, Tensor Tensor) Transpose(Tensor host, long firstRow, long rows)
    {
        GgmlType type = host.Type == GgmlType.F32 ? GgmlType.F32 : _backend.TransposeType;
        var store = new TensorStore(1);
        Tensor transpose = store.Add(host.Name + "ᵀ", type, rows, host.Size(0));
        store.Allocate(_backend);
        if (type == GgmlType.F32)
            transpose.Write<float>(Transposition.Of(host, firstRow, rows, value => value));
        else
            transpose.Write<ushort>(type == GgmlType.BF16
                ? Transposition.Of(host, firstRow, rows, BrainFloat.Round)
                : Transposition.Of(host, firstRow, rows, value => BitConverter.HalfToUInt16Bits((Half)value)));
        return (store, transpose);
    }
}
