using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Architectures;

/// <summary>Gemma 2: windows in every other layer, soft caps of scores and logits (arXiv 2408.00118). Its norms are stored as w + 1.</summary>
internal static class Gemma2
{
    public static Architecture Description { get; } = new("gemma2")
    {
        RopeMode = RopeMode.NeoX,
        PostNorms = true,
        Activation = Activation.GeGlu,
        ScaledEmbedding = true,
        SlidingWindow = new SlidingWindow(Tokens: 4096, Period: 2, RopeBase: null),
        AttentionCap = 50,
        LogitCap = 30,
        LayersScaledByWidth = 46, // 27B
    };
}
