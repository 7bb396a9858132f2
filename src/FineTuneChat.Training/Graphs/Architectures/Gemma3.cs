using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Architectures;

/// <summary>Gemma 3: windows in five of six layers, with a rope of their own; norms of queries and keys instead of soft caps (arXiv 2503.19786).</summary>
internal static class Gemma3
{
    public static Architecture Description { get; } = new("gemma3")
    {
        RopeMode = RopeMode.NeoX,
        PostNorms = true,
        Activation = Activation.GeGlu,
        ScaledEmbedding = true,
        QueryKeyNorm = true,
        SlidingWindow = new SlidingWindow(Tokens: 0, Period: 6, RopeBase: 10_000),
        LogitCap = 0,
        LayersScaledByWidth = 62, // 27B
    };
}
