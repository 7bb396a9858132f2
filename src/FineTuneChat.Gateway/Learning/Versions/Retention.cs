namespace FineTuneChat.Gateway.Learning.Versions;

/// <summary>Which versions' files are kept: pure.</summary>
internal static class Retention
{
    /// <summary>
    /// The versions whose files go, refused ones before accepted ones and oldest first, so that at most <paramref name="maxCount"/> with at most
    /// <paramref name="maxBytes"/> stay. The active one and its predecessor stay whatever the limits, and a refused one as long as it is the newest of
    /// all: it is there to be tried. Number 0 is the base, which is not ours to delete.
    /// </summary>
    public static IReadOnlyList<ModelVersion> Surplus(IEnumerable<ModelVersion> versions, int? previous, int maxCount, double maxBytes)
    {
        List<ModelVersion> kept = [.. versions.Where(v => v.Number != 0).OrderBy(v => v.Status == VersionStatus.Refused ? 0 : 1).ThenBy(v => v.Number)];
        int newest = kept.Count == 0 ? 0 : kept.Max(v => v.Number);
        var surplus = new List<ModelVersion>();
        while ((kept.Count > maxCount || kept.Sum(v => (double)v.Bytes) > maxBytes)
            && kept.Find(v => !v.Active && v.Number != previous && !(v.Number == newest && v.Status == VersionStatus.Refused)) is { } oldest)
        {
            kept.Remove(oldest);
            surplus.Add(oldest);
        }
        return surplus;
    }
}
