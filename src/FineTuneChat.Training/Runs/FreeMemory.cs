namespace FineTuneChat.Training.Runs;

/// <summary>Memory that this process can still take, on any system and in containers; the mapped file's pages are among it, since they can be dropped.</summary>
internal static class FreeMemory
{
    public static long Bytes()
    {
        GC.Collect(0); // the figures are those of the last collection
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        return Math.Max(0, info.TotalAvailableMemoryBytes - info.MemoryLoadBytes);
    }
}
