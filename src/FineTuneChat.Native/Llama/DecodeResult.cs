namespace FineTuneChat.Native.Llama;

/// <summary>
/// Outcome of <see cref="LlamaContext.Decode"/> that the caller can act on; the values are llama_decode's. Anything else is a <see cref="LlamaException"/>.
/// </summary>
public enum DecodeResult
{
    /// <summary>The batch is in the cache and its logits are there.</summary>
    Ok = 0,

    /// <summary>The cache has no room for the batch; nothing changed. Remove sequences or send fewer tokens.</summary>
    NoRoom = 1,

    /// <summary>An abort callback stopped it; a part of the batch may be in the cache.</summary>
    Aborted = 2,
}
