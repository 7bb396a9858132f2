using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>Owns a llama_model.</summary>
internal sealed class ModelHandle() : SafeHandle(0, ownsHandle: true)
{
    public ModelHandle(nint model) : this() => SetHandle(model);

    /// <summary>
    /// Held while an adapter is loaded or freed, and by a context that lays out its graph: llama.cpp counts the nodes of all loaded adapters for it, from a
    /// list of the model's that it does not guard.
    /// </summary>
    public Lock Adapters { get; } = new();

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_model_free(handle);
        return true;
    }
}

/// <summary>Owns a llama_context; keeps its model alive until it is freed itself.</summary>
internal sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
{
    private readonly ParentReference _model;

    public ContextHandle(nint context, ModelHandle model) : this()
    {
        _model = new ParentReference(model);
        SetHandle(context);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_free(handle);
        _model.Release();
        return true;
    }
}

/// <summary>Owns a llama_adapter_lora; keeps its model alive until it is freed itself.</summary>
internal sealed class AdapterHandle() : SafeHandle(0, ownsHandle: true)
{
    private readonly ParentReference _model;
    private readonly Lock _adapters = new();

    public AdapterHandle(nint adapter, ModelHandle model) : this()
    {
        _model = new ParentReference(model);
        _adapters = model.Adapters;
        SetHandle(adapter);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        lock (_adapters)
            LlamaNative.llama_adapter_lora_free(handle);
        _model.Release();
        return true;
    }
}

/// <summary>Owns a llama_sampler chain and the samplers in it; keeps the model alive, whose vocabulary samplers may use.</summary>
internal sealed class SamplerHandle() : SafeHandle(0, ownsHandle: true)
{
    private readonly ParentReference _model;

    public SamplerHandle(nint sampler, ModelHandle model) : this()
    {
        _model = new ParentReference(model);
        SetHandle(sampler);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_sampler_free(handle);
        _model.Release();
        return true;
    }
}

/// <summary>A counted reference to the handle that must outlive this one.</summary>
internal readonly struct ParentReference
{
    private readonly SafeHandle? _parent;

    public ParentReference(SafeHandle parent)
    {
        bool added = false;
        parent.DangerousAddRef(ref added);
        _parent = parent;
    }

    public void Release() => _parent?.DangerousRelease();
}
