using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Protocol.Configuration;

/// <summary>
/// Section <c>Engine</c>: how models are loaded and run. To add a setting: as in <see cref="Settings"/>; with an <see cref="OptionAttribute"/> it is an option
/// of <c>serve</c> and <c>engine</c>, too, and the gateway starts its engines with it.
/// </summary>
internal sealed record EngineSettings
{
    public const string Section = "Engine";
    public const string Auto = "auto", On = "on", Off = "off";

    /// <summary>Compute threads; 0 = all cores but one, beyond four half of them.</summary>
    [Option("--threads", "N", "Compute threads (0: all cores but one, beyond four half of them).")]
    [Range(0, 512)]
    public int Threads { get; init; }

    /// <summary>Most tokens of one request, prompt and reply together; 0 = what the model was trained for, less where memory is short.</summary>
    [Option("--ctx", "N", "Most tokens of one request, prompt and reply together (0: as trained, less where memory is short).", IsRope = true)]
    [Range(0, 1 << 24)]
    public int ContextLength { get; init; }

    /// <summary>The context of a model that was trained for so many tokens (0: not known): that, unless the setting says otherwise.</summary>
    public int ContextOf(int trained) => ContextLength > 0 ? ContextLength : trained;

    /// <summary>Replies that are written at the same time; more requests wait.</summary>
    [Option("--parallel", "N", "Replies that are written at a time.")]
    [Range(1, 64)]
    public int Parallel { get; init; } = 4;

    /// <summary>Requests that may wait for a place; one more is answered with 429.</summary>
    [Option("--queue", "N", "Requests that may wait; one more is answered with 429.")]
    [Range(0, 100_000)]
    public int MaxQueue { get; init; } = 64;

    /// <summary>
    /// Most tokens of ended conversations that stay in the cache, for prompts that begin like them; 0 = none, -1 = the newest whatever its length, and
    /// older ones up to a quarter of the context.
    /// </summary>
    [Option("--prefix-cache", "N", "Tokens of ended conversations that stay in the cache (-1: the newest one, and older ones up to a quarter of the context).")]
    [Range(-1, int.MaxValue)]
    public int PrefixCacheTokens { get; init; } = -1;

    /// <summary>Adapters in memory at a time; further ones take the place of the one that was used longest ago.</summary>
    [Option("--max-adapters", "N", "Adapters in memory at a time; one more takes the place of the least recently used one.")]
    [Range(1, 1024)]
    public int MaxAdapters { get; init; } = 8;

    /// <summary>Guess tokens and compute them ahead; auto = where that pays. The text stays the same.</summary>
    [Option("--speculation", "WHEN", "Guess tokens by what stands in prompt and reply, and compute them ahead: auto (where it pays), on or off.")]
    [AllowedValues(Auto, On, Off)]
    public string Speculation { get; init; } = Auto;

    /// <summary>Layers on the GPU; 0 = none, -1 = as many as its memory holds. Without a GPU it has no effect.</summary>
    [Option("--gpu-layers", "N", "Layers on the GPU (-1: as many as fit).")]
    [Range(-1, 1024)]
    public int GpuLayers { get; init; } = -1;

    /// <summary>Fused attention: auto = where the backend has it.</summary>
    [Option("--flash-attention", "WHEN", "Fused attention: auto, on or off; quantised cached values need it.")]
    [AllowedValues(Auto, On, Off)]
    public string FlashAttention { get; init; } = Auto;

    /// <summary>Type of the cached keys.</summary>
    [Option("--cache-type-k", "TYPE", "Type of the cached keys: f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 or iq4_nl.")]
    [AllowedValues("f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")]
    public string CacheTypeKeys { get; init; } = "f16";

    /// <summary>Type of the cached values; a quantised one needs flash attention.</summary>
    [Option("--cache-type-v", "TYPE", "Type of the cached values: the same.")]
    [AllowedValues("f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")]
    public string CacheTypeValues { get; init; } = "f16";

    /// <summary>Most tokens of one step, over all requests.</summary>
    [Option("--batch", "N", "Most tokens of one step.")]
    [Range(64, 1 << 16)]
    public int BatchSize { get; init; } = 512;

    /// <summary>Tokens that are computed together; more take more memory.</summary>
    [Option("--micro-batch", "N", "Tokens that are computed together.")]
    [Range(1, 1 << 16)]
    public int MicroBatchSize { get; init; } = 512;

    /// <summary>Map the file instead of reading it; auto = where the backend can use the mapped memory.</summary>
    [Option("--mmap", "WHEN", "Map the model's file instead of reading it: auto, on or off.")]
    [AllowedValues(Auto, On, Off)]
    public string MemoryMap { get; init; } = Auto;

    /// <summary>Keep the weights from being swapped out.</summary>
    [Option("--mlock", "FLAG", "Keep the weights from being swapped out: true or false.")]
    public bool MemoryLock { get; init; }

    /// <summary>Refuse a model that needs more memory than is available.</summary>
    [Option("--memory-check", "FLAG", "Refuse a model that needs more memory than there is: true or false.")]
    public bool MemoryCheck { get; init; } = true;

    /// <summary>How positions beyond the model's training are made to fit.</summary>
    [Option("--rope-scaling", "KIND", "Beyond the trained context: model, none, linear or yarn.", IsRope = true)]
    [AllowedValues("model", "none", "linear", "yarn")]
    public string RopeScaling { get; init; } = "model";

    /// <summary>How many times longer the context becomes by it; 0 = as the model says.</summary>
    [Option("--rope-factor", "X", "How many times longer the context becomes by it (0: as the model says).", IsRope = true)]
    [Range(0.0, 1024.0)]
    public double RopeFactor { get; init; }

    /// <summary>Base of the rotation's frequencies; 0 = the model's.</summary>
    [Option("--rope-freq-base", "X", "Base of the rotation's frequencies (0: the model's).", IsRope = true)]
    [Range(0.0, 1e12)]
    public double RopeFrequencyBase { get; init; }

    /// <summary>Tokens of context before scaling, for YaRN; 0 = the model's.</summary>
    [Option("--rope-original-ctx", "N", "Context before scaling, for YaRN (0: the model's).", IsRope = true)]
    [Range(0, 1 << 26)]
    public int RopeOriginalContext { get; init; }

    /// <summary>How strongly the adapter of a version works that is served beside its base.</summary>
    [Range(0.0, 100.0)]
    public double AdapterScale { get; init; } = 1;

    /// <summary>How long an engine may take to load its model.</summary>
    [Range(1, 3600)]
    public int StartTimeoutSeconds { get; init; } = 300;

    /// <summary>How long an engine for another model or version stays after its last request.</summary>
    [Range(0, 24 * 60)]
    public int IdleMinutes { get; init; } = 5;

    public int ThreadsOrDefault => Threads > 0 ? Threads : ComputeThreads.Default;
}
