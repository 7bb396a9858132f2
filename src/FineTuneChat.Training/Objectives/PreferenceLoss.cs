namespace FineTuneChat.Training.Objectives;

/// <summary>The losses of DPO and KTO, with their slopes.</summary>
internal static class PreferenceLoss
{
    /// <summary>
    /// DPO (Rafailov et al. 2023, arXiv 2305.18290, equation 7), with label smoothing as in its authors' note on conservative DPO:
    /// −(1−ε)·log σ(βh) − ε·log σ(−βh).
    /// </summary>
    /// <param name="margin">h: log-ratio to the reference of the preferred reply less that of the other.</param>
    /// <param name="options">β and ε.</param>
    /// <returns>The loss, and dloss/dh.</returns>
    public static (double Loss, double Slope) Dpo(double margin, PreferenceOptions options)
    {
        double x = options.Beta * margin, smoothing = options.LabelSmoothing;
        double loss = ((1 - smoothing) * Softplus(-x)) + (smoothing * Softplus(x));
        return (loss, options.Beta * ((smoothing * Sigmoid(x)) - ((1 - smoothing) * Sigmoid(-x))));
    }

    /// <summary>
    /// KTO (Ethayarajh et al. 2024, arXiv 2402.01306, equation 8): λ·(1 − σ(β(r − z))) for a wanted reply, λ·(1 − σ(β(z − r))) for an unwanted one.
    /// </summary>
    /// <param name="ratio">r: log-ratio to the reference.</param>
    /// <param name="drift">z: how far the model has gone from the reference, by KL; it has no gradient.</param>
    /// <param name="isGood">Whether the reply is wanted.</param>
    /// <param name="weight">λ of its kind.</param>
    /// <param name="beta">β.</param>
    /// <returns>The loss, and dloss/dr.</returns>
    public static (double Loss, double Slope) Kto(double ratio, double drift, bool isGood, double weight, double beta)
    {
        double sign = isGood ? 1 : -1, value = Sigmoid(sign * beta * (ratio - drift));
        return (weight * (1 - value), -sign * weight * beta * value * (1 - value));
    }

    private static double Sigmoid(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
