namespace FineTuneChat.Gateway.Learning.Runs;

/// <summary>Which runs' folders are kept: pure. What the database knows of a run (figures, curve, verdict) stays in any case.</summary>
internal static class RunRetention
{
    /// <summary>
    /// The runs whose folders go: all that have ended but the newest <paramref name="maxCount"/>. Those that a kept version came from are not counted
    /// and stay: the examples that it has learned can be looked up there. One that has not ended needs its folder to go on.
    /// </summary>
    /// <param name="folders">Names of the folders that are there.</param>
    /// <param name="ended">Runs that have ended; what is neither here nor unfinished is not ours to delete.</param>
    /// <param name="ofVersions">Runs that a version came from whose files are there.</param>
    /// <param name="maxCount">The setting.</param>
    public static IReadOnlyList<string> Surplus(IEnumerable<string> folders, IReadOnlySet<string> ended, IReadOnlySet<string> ofVersions, int maxCount) =>
        [.. folders.Where(run => ended.Contains(run) && !ofVersions.Contains(run)).OrderDescending(StringComparer.Ordinal).Skip(maxCount)]; // newest first
}
