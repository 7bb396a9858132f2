using FineTuneChat.Gguf;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.ModelProbe;

/// <summary>A file to load, and how.</summary>
public sealed record ProbeRequest(string Path)
{
    public int CacheTokens { get; init; } = 256;
    public int BatchSize { get; init; } = 64;
    public int MaxSequences { get; init; } = 2;
    public GgmlType KeyType { get; init; } = GgmlType.F16;
    public GgmlType ValueType { get; init; } = GgmlType.F16;
    public bool? FlashAttention { get; init; }
    public string? Adapter { get; init; }

    public ContextOptions Context => new()
    {
        CacheTokens = CacheTokens,
        BatchSize = BatchSize,
        MicroBatchSize = BatchSize,
        MaxSequences = MaxSequences,
        KeyType = KeyType,
        ValueType = ValueType,
        FlashAttention = FlashAttention,
    };
}

/// <summary>How it went.</summary>
/// <param name="Outcome"><c>refused</c> by managed code, <c>failed</c> in llama.cpp without harm, <c>loaded</c>.</param>
/// <param name="Message">Why not.</param>
/// <param name="Buffers">Bytes of llama.cpp's buffers by kind: model, KV, output, compute.</param>
public sealed record ProbeReply(string Outcome, string Message, Dictionary<string, long> Buffers);
