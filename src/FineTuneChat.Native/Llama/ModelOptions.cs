namespace FineTuneChat.Native.Llama;

/// <summary>How <see cref="LlamaModel"/> loads a file.</summary>
public sealed record ModelOptions
{
    /// <summary>Layers to keep on the GPU; null (default) = all that fit, 0 = none. Without a GPU it has no effect.</summary>
    public int? GpuLayers { get; init; }

    /// <summary>Map the file instead of reading it; null (default) = llama.cpp decides.</summary>
    public bool? MemoryMap { get; init; }

    /// <summary>Keep the weights from being swapped out. Default: false.</summary>
    public bool LockMemory { get; init; }

    /// <summary>Load tokens and tokeniser only, no weights. Default: false.</summary>
    public bool VocabularyOnly { get; init; }

    /// <summary>How positions are rotated. Default: as the model's file says.</summary>
    public RopeOptions Rope { get; init; } = new();

    /// <summary>Re-arrange quantised weights for this processor: faster, a second copy in memory, last digits differ. Default: true.</summary>
    public bool RepackWeights { get; init; } = true;

    /// <summary>Check every value of the tensors for validity while loading; slow. Default: false.</summary>
    public bool CheckTensors { get; init; }
}
