namespace FineTuneChat.Training.Graphs.Architectures;

/// <summary>SmolLM3: Llama without positions in every fourth layer (Yang et al. 2025, "Rope to Nope", arXiv 2501.18795).</summary>
internal static class SmolLm3
{
    public static Architecture Description { get; } = new("smollm3")
    {
        UnrotatedEvery = 4,
    };
}
