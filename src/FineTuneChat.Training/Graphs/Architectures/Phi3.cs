using FineTuneChat.Native.Ggml;

namespace FineTuneChat.Training.Graphs.Architectures;

/// <summary>Phi-3, 3.5 and 4: fused matrices, long and short frequency factors (arXiv 2404.14219). llama.cpp does not use its sliding window.</summary>
internal static class Phi3
{
    public static Architecture Description { get; } = new("phi3")
    {
        RopeMode = RopeMode.NeoX,
        FrequencyFactors = true,
        FusedGateUp = true,
    };
}
