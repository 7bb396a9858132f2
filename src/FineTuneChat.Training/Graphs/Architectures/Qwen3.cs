using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Architectures;

/// <summary>Qwen 3: no biases, but norms of queries and keys (arXiv 2505.09388).</summary>
internal static class Qwen3
{
    public static Architecture Description { get; } = new("qwen3")
    {
        RopeMode = RopeMode.NeoX,
        QueryKeyNorm = true,
    };
}
