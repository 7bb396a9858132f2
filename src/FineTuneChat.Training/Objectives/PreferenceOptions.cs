namespace FineTuneChat.Training.Objectives;

/// <summary>Constants of DPO and KTO.</summary>
public sealed record PreferenceOptions
{
    /// <summary>How far the model may go from the reference: the smaller, the farther. Above 0; default 0.1.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>DPO: share of the pairs that are taken to be the wrong way round (conservative DPO). 0 to below 0.5; default 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>DPO: log-probabilities are taken per token, so that a longer reply is not preferred for its length. Default: false.</summary>
    public bool LengthNormalized { get; init; }

    /// <summary>
    /// Weight of the mean −log p of the preferred replies, which is added: it keeps them from becoming less likely together with the others (Pang et al. 2024,
    /// "Iterative Reasoning Preference Optimization", arXiv 2404.19733, equation 1). 0 or more; default 0.1.
    /// </summary>
    public double SupervisedWeight { get; init; } = 0.1;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentException">The message names the option, its value and what is allowed.</exception>
    public void Validate()
    {
        Require(Beta is > 0 and <= 100, "beta", Beta, "above 0, up to 100");
        Require(LabelSmoothing is >= 0 and < 0.5, "label-smoothing", LabelSmoothing, "0 to below 0.5");
        Require(SupervisedWeight is >= 0 and <= 100, "sft-weight", SupervisedWeight, "0 to 100");

        static void Require(bool valid, string name, object value, string allowed)
        {
            if (!valid)
                throw new ArgumentException($"{name} is {value}; allowed: {allowed}.");
        }
    }
}
