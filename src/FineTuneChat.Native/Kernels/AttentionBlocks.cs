using FineTuneChat.Native.Ggml;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Kernels;

/// <summary>Walks through the tokens in blocks that never reach into another sequence: what lies outside of a block's keys, no token of it sees.</summary>
internal unsafe struct AttentionBlocks(ggml_tensor* starts, int blockTokens, AttentionParameters how)
{
    /// <summary>First token of the block.</summary>
    public int Token { get; private set; }

    /// <summary>Tokens in the block; 0 before the first <see cref="Next"/>.</summary>
    public int Count { get; private set; }

    /// <summary>First token that any of them sees.</summary>
    public readonly int FirstKey => FirstSeen(0);

    /// <summary>Tokens from <see cref="FirstKey"/> to the block's last.</summary>
    public readonly int Keys => Token + Count - FirstKey;

    /// <summary>First token that the block's i-th token sees; the last is itself.</summary>
    public readonly int FirstSeen(int i) => how.FirstSeen(((int*)starts->data)[Token], Token + i);

    /// <summary>Goes to the next block, if there is one.</summary>
    public bool Next()
    {
        Token += Count;
        Count = 0;
        int* start = (int*)starts->data;
        while (Count < blockTokens && Token + Count < starts->ne[0] && start[Token + Count] == start[Token])
            Count++;
        return Count > 0;
    }
}
