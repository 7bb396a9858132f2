using FineTuneChat.Gateway.Learning.Gate;

namespace FineTuneChat.Gateway.Learning.Regret;

/// <summary>
/// Whether a version is rated down more often than the one before it: a sequential test, which may be asked after every rating. Pure.
/// </summary>
internal static class RegretRules
{
    private const int Slices = 200;

    /// <summary>
    /// Whether it is worse beyond chance. However long it is watched, one that is not worse is found to be with a probability of at most
    /// <paramref name="errorRate"/>: one half goes to what is known of the version before, the other to Ville's inequality.
    /// </summary>
    /// <param name="now">Of the version in service.</param>
    /// <param name="before">Of the one that it replaced.</param>
    /// <param name="errorRate">0 to 1.</param>
    public static bool IsWorse(RatingCount now, RatingCount before, double errorRate) =>
        Evidence(now, Significance.UpperLimit((int)before.Down, (int)before.All, errorRate / 2)) >= 2 / errorRate;

    /// <summary>
    /// How much likelier the ratings are under larger shares of thumbs down than under the allowed one: the likelihood ratio, its mean over all larger shares.
    /// Under the allowed share or a smaller one it is a supermartingale that begins at 1 (Wald; as a test that may be stopped at any time: Ramdas et al.
    /// 2023, "Game-theoretic statistics and safe anytime-valid inference", arXiv 2210.01948, section 2).
    /// </summary>
    /// <param name="count">The ratings.</param>
    /// <param name="allowed">Share of thumbs down, 0 to 1.</param>
    public static double Evidence(RatingCount count, double allowed)
    {
        if (allowed >= 1)
            return 0; // nothing is worse than that
        double sum = 0;
        for (int i = 0; i < Slices; i++)
        {
            double share = allowed + ((1 - allowed) * (i + 0.5) / Slices);
            sum += Math.Exp((count.Down * Math.Log(share / allowed)) + (count.Up * Math.Log((1 - share) / (1 - allowed))));
        }
        return sum / Slices;
    }
}
