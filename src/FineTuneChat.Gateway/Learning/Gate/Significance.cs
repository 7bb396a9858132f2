namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>
/// Whether a sample shows, beyond chance, more than is allowed. One-sided: who is at or below what is allowed is found above it no more often than the
/// error rate says. Pure, the same answer each time.
/// </summary>
internal static class Significance
{
    private const int Resamples = 4000;

    /// <summary>Exact binomial test: whether a share above the allowed one shows in <paramref name="hits"/> of <paramref name="of"/>.</summary>
    public static bool IsAbove(int hits, int of, double allowed, double errorRate) =>
        of > 0 && hits > allowed * of && AtLeast(hits, of, allowed) < errorRate;

    /// <summary>Exact sign test: whether it falls more often than it rises.</summary>
    public static bool FallsMoreOften(int falls, int rises, double errorRate) => falls > rises && AtLeast(falls, falls + rises, 0.5) < errorRate;

    /// <summary>The least mean that the differences speak for: with one error in 1 / errorRate, the true mean is above it (bootstrap of the pairs).</summary>
    public static double LeastMean(IReadOnlyList<double> differences, double errorRate)
    {
        if (differences.Count == 0)
            return 0;
        var random = new Random(differences.Count);
        double[] means = new double[Resamples];
        for (int r = 0; r < Resamples; r++)
        {
            double sum = 0;
            for (int i = 0; i < differences.Count; i++)
                sum += differences[random.Next(differences.Count)];
            means[r] = sum / differences.Count;
        }
        Array.Sort(means);
        return means[(int)(errorRate * Resamples)];
    }

    /// <summary>The largest probability that the hits speak for: Clopper and Pearson's upper limit, by bisection; 1 where nothing was tried.</summary>
    /// <param name="hits">Of these,</param>
    /// <param name="of">so many.</param>
    /// <param name="errorRate">Chance that the true probability is larger.</param>
    public static double UpperLimit(int hits, int of, double errorRate)
    {
        double low = 0, high = 1;
        while (high - low > 1e-6)
        {
            double middle = (low + high) / 2;
            bool isPossible = 1 - AtLeast(hits + 1, of, middle) >= errorRate;
            (low, high) = isPossible ? (middle, high) : (low, middle);
        }
        return high;
    }

    /// <summary>The chance of so many hits or more when each is one with this probability.</summary>
    public static double AtLeast(int hits, int of, double probability)
    {
        if (hits <= 0 || probability >= 1)
            return 1;
        if (probability <= 0)
            return 0;
        double sum = 0, term = of * Math.Log(1 - probability); // log of the chance of k hits, k = 0 at first
        for (int k = 0; k <= of; k++)
        {
            if (k >= hits)
                sum += Math.Exp(term);
            term += Math.Log((double)(of - k) / (k + 1) * probability / (1 - probability));
        }
        return Math.Min(1, sum);
    }
}
