using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Architectures;

/// <summary>Qwen 2 and 2.5: biases of queries, keys and values (arXiv 2407.10671).</summary>
internal static class Qwen2
{
    public static Architecture Description { get; } = new("qwen2")
    {
        RopeMode = RopeMode.NeoX,
        Biases = ["output"],
    };
}
