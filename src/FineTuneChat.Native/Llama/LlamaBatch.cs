using System.Runtime.CompilerServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Llama;

/// <summary>Tokens for one <see cref="LlamaContext.Decode"/>, of any sequences. Reused from step to step: it allocates only when it is made.</summary>
public sealed unsafe class LlamaBatch
{
    private readonly int[] _tokens, _positions, _sequenceCounts, _sequences;
    private readonly nint[] _sequencePointers;
    private readonly byte[] _outputs;

    /// <summary>An empty batch.</summary>
    /// <param name="capacity">Most tokens it can hold.</param>
    public LlamaBatch(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        _tokens = GC.AllocateArray<int>(capacity, pinned: true);
        _positions = GC.AllocateArray<int>(capacity, pinned: true);
        _sequenceCounts = GC.AllocateArray<int>(capacity, pinned: true);
        _sequences = GC.AllocateArray<int>(capacity, pinned: true);
        _sequencePointers = GC.AllocateArray<nint>(capacity, pinned: true);
        _outputs = GC.AllocateArray<byte>(capacity, pinned: true);
        Array.Fill(_sequenceCounts, 1);
        for (int i = 0; i < capacity; i++)
            _sequencePointers[i] = (nint)Unsafe.AsPointer(ref _sequences[i]);
    }

    /// <summary>Most tokens it can hold.</summary>
    public int Capacity { get; }

    /// <summary>Tokens in it now.</summary>
    public int Count { get; private set; }

    internal llama_batch Native => new()
    {
        n_tokens = Count,
        token = (int*)Unsafe.AsPointer(ref _tokens[0]), // the arrays are pinned
        pos = (int*)Unsafe.AsPointer(ref _positions[0]),
        n_seq_id = (int*)Unsafe.AsPointer(ref _sequenceCounts[0]),
        seq_id = (int**)Unsafe.AsPointer(ref _sequencePointers[0]),
        logits = (byte*)Unsafe.AsPointer(ref _outputs[0]),
    };

    /// <summary>Adds a token.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="position">Its place in its sequence, from 0.</param>
    /// <param name="sequence">The sequence's id.</param>
    /// <param name="output">Whether its logits are wanted.</param>
    /// <returns>Its index in the batch, by which <see cref="LlamaContext.LogitsOf"/> finds its logits.</returns>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public int Add(int token, int position, int sequence, bool output)
    {
        if (Count == Capacity)
            throw new InvalidOperationException($"The batch is full ({Capacity} tokens).");
        _tokens[Count] = token;
        _positions[Count] = position;
        _sequences[Count] = sequence;
        _outputs[Count] = output ? (byte)1 : (byte)0;
        return Count++;
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => Count = 0;
}
