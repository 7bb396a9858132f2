namespace FineTuneChat.Training.Optimization;

/// <summary>Constants of AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101); defaults are PyTorch's but for no weight decay.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the mean of gradients, 0 to below 1.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of the mean of squared gradients, 0 to below 1.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Share of a decaying parameter that goes at each step, times the learning rate.</summary>
    public float WeightDecay { get; init; }
}
