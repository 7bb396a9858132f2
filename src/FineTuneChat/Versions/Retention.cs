namespace FineTuneChat.Versions;

/// <summary>Which versions' files are kept: pure.</summary>
internal static class Retention
{
    /// <summary>
    /// The versions whose files go, oldest first, so that at most <paramref name="maxCount"/> with at most <paramref name="maxBytes"/> stay.
    /// The active one and its predecessor stay whatever the limits; number 0 is the base, which is not ours to delete.
    /// </summary>
    public static IReadOnlyList<ModelVersion> Surplus(IEnumerable<ModelVersion> versions, int? previous, int maxCount, double maxBytes)
    {
        List<ModelVersion> kept = [.. versions.Where(v => v.Number != 0).OrderBy(v => v.Number)];
        var surplus = new List<ModelVersion>();
        while ((kept.Count > maxCount || kept.Sum(v => (double)v.Bytes) > maxBytes) && kept.Find(v => !v.Active && v.Number != previous) is { } oldest)
        {
            kept.Remove(oldest);
            surplus.Add(oldest);
        }
        return surplus;
    }
}
